"""Naming the mistake in code.

The idea
--------
A wrong claim is one slip away from the right gradient, and there are two ways to meet it. *Edits* change
one expression of the claim until it gives the gradient: a factor added, an operand exchanged, an axis, an
index, a bracket. *Slips* change the derivation instead: a forward pass in which one place answers with a
mistaken change (0, for a path that was left out) and whose gradient is the claim, which finds what the
claim has no line for. Nothing is guessed: a candidate counts when it gives the right numbers at three
random points. What works is called by a kind, with what it costs to believe in it (1 is a usual slip, 2 a
rare one), and the cheapest three kinds are told. Where no candidate works, nothing is said.

The flow
--------
`explain.explain_code` is the only entrance: plain text and arrays in, mistakes out.

1. `case` lays the claim out: statements that can be edited one expression at a time (`listing`), and points
   with values and the true gradient, by a complex step through the forward pass (`slopes`, `numbers`).
2. `stocking` collects the quantities that a derivation could have used (`quantities`): arrays, values,
   upstream gradients, sizes, and the derivatives of the functions that it recognises by their values
   (`recognition`, `functions`; `repetition` for those inside loops).
3. Candidates are tried, cheap ones first, until the work that `deadline` allows is done: the whole claim
   times a constant (`constants`), another array's gradient (`others`); slips (`derivations` lists them,
   `backwards` tries them); edits (`edits`, `rewrites`, `brackets`, `indices`, `steps` propose them for a
   place (`places`, `loops`), `search` tries them; `repeated` edits several places at once); pairs of slips
   and pairs of edits (`pairs`), only where nothing convincing was found.
4. What worked gets its names: slips from `blaming`; edits from `naming`, which asks the row for the kind of
   edit (`rows`, and by kind `row_factors`, `row_drops`, `row_forms`). Both read `facts`, what is known of
   the case beside its quantities, such as its `penalties`.
5. `symgrad.verify.mistakes.ranking` keeps the best explanation of each kind, at most three.

To add an edit, add a row to `edits.MOVES` or `rewrites.REWRITES` and what it is called to `rows.ROWS`; to
add a slip, yield it in `derivations` and name it in `blaming.BLAMES`. Plant one in the tests beside it.
"""
