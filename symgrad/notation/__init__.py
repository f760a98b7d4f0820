"""How formulas are written: unicode, LaTeX, MathML, matrix form, SymPy.  Nothing is derived here."""
