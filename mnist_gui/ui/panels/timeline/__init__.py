"""The timeline: which kept weights of the run all panels show, and movies of them."""
