extension Sequence<UInt8> {
    /// Whether these bytes are UTF-8, found out without a copy of what may be a secret.
    var isUTF8: Bool {
        var decoder = UTF8()
        var bytes = makeIterator()
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }
}
