"""The shared library of *Neural Networks from First Derivatives*; import its modules by name."""
