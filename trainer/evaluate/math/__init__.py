"""The grader `math`: whether two mathematical expressions are the same answer.

Equality is math-verify's (SymPy behind it). It does not heed the base of a number, percent signs, powers of
units and the order of a list (measured on MATH-500 with version 0.9.0); `marks` does. Both run in processes
of their own (`server`), because an answer can be an expression that nobody finishes evaluating.
"""
