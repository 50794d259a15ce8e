extension String {
    /// Without the full stop at its end, where another sentence is to follow. What ports say has one, and what the core says
    /// has none.
    package var withoutStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
