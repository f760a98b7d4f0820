"""What stands below the lists of options in ``--help``: examples, and what the exit status means."""

STATUS = """exit status:
  0  fine; of check: all claims are right, on the evidence that --evidence asks for
  1  a check failed; of check: a claim is wrong or undecided, or right on weaker evidence
  2  usage: options, names, network files, formulas
  3  data and files, and code that cannot be judged
  130  interrupted; claims and cases that were judged by then are printed"""

SYMGRAD = f"""examples:
  symgrad derive classifier_3_3_3 w1
  symgrad explain worked_2_2_2 w5
  symgrad prove mlp
  symgrad check worked_2_2_2 w5 '(o1-t1) o1(1-o1) a1'
  symgrad generate digits_64_32_10 -o digits.py
  symgrad train digits_64_32_10 digits.csv --epochs 50 -o digits.npz

{STATUS}"""

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

{STATUS}"""
