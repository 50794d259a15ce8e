import CP11Kit

/// The memory behind a C template: an array of CK_ATTRIBUTE and the values it points to, freed together.
struct Template: ~Copyable {
    private let entries: UnsafeMutableBufferPointer<CK_ATTRIBUTE>
    private let values: UnsafeMutableRawBufferPointer

    /// A template that says these attributes, first the ones and then the others.
    init(_ attributes: [Attribute], _ others: [Attribute] = []) {
        func attribute(_ index: Int) -> Attribute {
            index < attributes.count ? attributes[index] : others[index - attributes.count]
        }
        let count = attributes.count + others.count
        self.init(count: count) { (attribute($0).type, attribute($0).bytes.count) }
        for index in 0..<count {
            let bytes = attribute(index).bytes
            entries[index].pValue?.copyMemory(from: bytes, byteCount: bytes.count)
        }
    }

    /// A template that asks for the sizes of these attributes: its values are NULL.
    init(sizesOf types: [AttributeType]) {
        values = .allocate(byteCount: 0, alignment: 8)
        entries = .allocate(capacity: types.count)
        for (index, type) in types.enumerated() {
            entries.initializeElement(at: index, to: CK_ATTRIBUTE(type: type.rawValue, pValue: nil, ulValueLen: 0))
        }
    }

    /// A template with zeroed room for these attributes, each of the given number of bytes.
    init(_ sizes: [(type: AttributeType, size: Int)]) {
        self.init(count: sizes.count) { sizes[$0] }
    }

    private init(count: Int, _ entry: (Int) -> (type: AttributeType, size: Int)) {
        let size = (0..<count).reduce(0) { $0 + Self.room(for: entry($1).size) }
        values = .allocate(byteCount: size, alignment: 8)
        values.initializeMemory(as: UInt8.self, repeating: 0)
        entries = .allocate(capacity: count)
        var offset = 0
        for index in 0..<count {
            let (type, size) = entry(index)
            let value = values.baseAddress?.advanced(by: offset)
            entries.initializeElement(
                at: index, to: CK_ATTRIBUTE(type: type.rawValue, pValue: value, ulValueLen: UInt(size)))
            offset += Self.room(for: size)
        }
    }

    /// Each value begins at a multiple of eight, because the C side may read a CK_ULONG in place.
    private static func room(for size: Int) -> Int { (size + 7) & ~7 }

    deinit {
        values.deallocate()
        entries.deallocate()
    }

    /// Lends the C template for one call.
    func withPointer<R>(_ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, UInt) throws -> R) rethrows -> R {
        try body(entries.baseAddress, UInt(entries.count))
    }

    /// The size the token wrote for an attribute, or nil for "unavailable" (the standard's -1).
    func size(at index: Int) -> Int? {
        Int(exactly: entries[index].ulValueLen)
    }

    /// The bytes the token wrote for an attribute.
    ///
    /// - Returns: nil unless it wrote exactly as many as there was room for.
    func bytes(at index: Int, expecting size: Int) -> [UInt8]? {
        guard self.size(at: index) == size else { return nil }
        return Array(UnsafeRawBufferPointer(start: entries[index].pValue, count: size))
    }
}
