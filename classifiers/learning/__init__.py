"""Models trained on a city's own decisions: reading rows, features, fitting, calibration, promises, files, figures."""
