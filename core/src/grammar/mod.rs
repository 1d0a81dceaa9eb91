//! Floor 1: the grammars that bytes are read and written by.
