"""HIPS autograd: functions of NumPy's arrays, which run on our tensors as they are."""
