"""What stands below the lists of options in ``--help``: examples, samples of files, and the exit status."""

STATUS = """exit status:
  0  fine; of check: all claims are right, on the evidence that --evidence asks for
  1  a check failed; of check: a claim is wrong or undecided, or right on weaker evidence
  2  usage: options, names, network files, formulas
  3  data and files, and code that cannot be judged
  130  interrupted; claims and cases that were judged by then are printed"""

SYMGRAD = f"""examples:
  symgrad show linear_regression
  symgrad derive classifier_3_3_3 w1
  symgrad explain worked_2_2_2 w5
  symgrad prove mlp
  symgrad check worked_2_2_2 w5 '(o1-t1) o1(1-o1) a1'
  symgrad generate digits_64_32_10 -o digits.py
  symgrad train digits_64_32_10 digits.csv --epochs 50 -o digits.npz

{STATUS}"""

EXPLAIN = """examples:
  symgrad explain worked_2_2_2 w5
  symgrad explain worked_2_2_2 w5 --at w5=1/2 x1=0.1 --rate 0.5
  symgrad explain linear_regression w --at 'x=1, 2; 3, 4' t=1,0 w=0.5,-1 b=0
  symgrad explain mlp W1 --seed 1"""

PROVE = """With the file of a kernel in place of NET, that text alone is checked: it is read, not imported,
and executed exactly; gradients must be the derivative of its own loss, and train do what its
optimizer says.  The same without this command: python -m symgrad.kernels.checker FILE.

examples:
  symgrad prove mlp
  symgrad prove generated/mlp.py"""

COST = """counted are + − · ÷, powers and calls of functions:
  as a tree    each gradient written out over inputs and parameters, nothing shared
  by paths     the products of the partials along all paths from the loss, added up
  as one graph what the gradients need, each value and each delta computed once
  by deltas    the δ recursion alone
By paths and by deltas all values are known: they are not counted again.
Counts are formulas in open sizes, for one sample; --size D=64 gives a number.  Where the entries of
an array are not alike, as in convolutions and recurrences, an open size without a number is 2.

examples:
  symgrad cost classifier_3_3_3
  symgrad cost mlp
  symgrad cost mlp --size D=64 --size H1=32 --size H2=16 --size K=10"""

DERIVATIONS = """\
network = "classifier_3_3_3"   # or the tables [network] and [define] of a network file
level = "neuron"               # or "layer"; the network's own without it

[claims]                       # for a node a formula, or the steps of a chain of equalities
w10 = "(o1 - t1) o1 (1 - o1) a1"
w1 = ["δz1 x1", "(δq1 w10 + δq2 w11 + δq3 w12) a1 (1 - a1) x1"]
"""

CASES = '''\
[[case]]
id = "relu layer, W"
vars = { x = ["normal", 4, 3], W = ["normal", 3, 2], t = ["unit", 4, 2] }
forward = """
h = np.maximum(0, x @ W)
L = np.mean((h - t)**2)"""
claimed = "G = x.T @ (2*(h - t)/t.size)"
wrt = "W"
'''

CHECK = f"""one of:
  check NET W FORMULA                  a formula, as text or LaTeX, for one weight or for a matrix
  check [NET] --file FILE              a TOML file of formulas and chains of equalities
  check NET --figure NAME=NUMBER       a printed figure: which way of computing prints it
  check --numpy FORWARD CLAIMED        two Python files: a loss, and what is claimed to be its gradient
  check --cases FILE                   a TOML file of such cases
The code of --numpy and --cases runs in a child process with limits; that is no sandbox.

examples:
  symgrad check worked_2_2_2 w5 '(o1-t1) o1(1-o1) a1'
  symgrad check digits_64_32_10 W2 'dq.T @ a1' --evidence proved
  symgrad check classifier_3_3_3 --file derivations.toml --hints category
  symgrad check worked_2_2_2 --figure J=0.291027924 --steps 1
  symgrad check --numpy forward.py claimed.py --wrt W --var x=4,3 --var y=onehot,4,3
  symgrad check --cases cases.toml --timeout 60 --json

a file for --file, whole:

{DERIVATIONS}
one for --cases, whole; forward sets the loss L, claimed its gradient G:

{CASES}
The kinds of arrays, here and in --var, each with its lengths behind it:
  normal, scaled S, const V    any numbers, S times such, V everywhere
  pos, unit                    > 0, between 0 and 1
  prob, rowprob, colprob       > 0, and all, each row, or each column adds up to 1
  onehot, onehot0              one 1 in each row, in each column
  label01, keep P, sign        0 or 1, 0 or 1 as a mask, -1 or 1
  ids K, count                 whole numbers below K, from 0 to 4
  sym, spd, orth, unitrows     symmetric, positive definite, orthonormal columns, rows of length 1

verdict and evidence:
  right    proved           equal exact normal forms
           bounded          equal modulo random primes; the chance that a wrong claim passes is stated
           held             equal at points, or on the branch that was taken there; no proof
  wrong    counterexample   a point at which the two certainly differ
           mismatch         the same in floats only
  unknown  none             not decided; never a pass
Evidence that is asked for is the least that passes: proved, bounded or, by default, held.

{STATUS}"""

ANSWERS = """\
name = "Ada"                   # the name of the file without it
network = "worked_2_2_2"       # refused where --net is another one

[answers]                      # a worksheet: quantities and figures
z1 = "0.3775"
"∂J/∂w5" = "0.0822"            # also "dJ/dw5"; "w5+" is the updated w5

[formulas]                     # gradients as formulas
w5 = "(o1 - t1) o1 (1 - o1) a1"
"""

GRADE = f"""a file of answers, whole; numbers of one's own go into a table [given]:

{ANSWERS}
The same as .txt or .tex is a line NAME = … for each answer, as .csv a row: a quantity, a figure.
-o report.csv writes a table, with a column for each question.
The exit status is 0 whatever the answers are worth: a grade is no failure."""
