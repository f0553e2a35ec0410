"""Steps as data: every derivative as a tree of named rules, the answer its last step.

``step`` holds the records, ``differentiator`` the rules for scalar formulas, ``derivation`` those for whole programs,
``numbers`` the step to a number.
"""
