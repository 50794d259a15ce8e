import CP11Kit

/// The memory behind a C template: an array of CK_ATTRIBUTE and the values it points to, freed together.
struct Template: ~Copyable {
    private let entries: UnsafeMutableBufferPointer<CK_ATTRIBUTE>
    private let values: UnsafeMutableRawBufferPointer

    /// A template that says these attributes.
    init(_ attributes: [Attribute]) {
        self.init(attributes.map { ($0.type, $0.bytes.count) })
        for (index, attribute) in attributes.enumerated() {
            entries[index].pValue?.copyMemory(from: attribute.bytes, byteCount: attribute.bytes.count)
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
        // Each value begins at a multiple of eight, because the C side may read a CK_ULONG in place.
        let offsets = sizes.reduce(into: [0]) { $0.append(($0[$0.count - 1] + $1.size + 7) & ~7) }
        values = .allocate(byteCount: offsets[sizes.count], alignment: 8)
        values.initializeMemory(as: UInt8.self, repeating: 0)
        entries = .allocate(capacity: sizes.count)
        for (index, entry) in sizes.enumerated() {
            let value = values.baseAddress?.advanced(by: offsets[index])
            entries.initializeElement(
                at: index,
                to: CK_ATTRIBUTE(type: entry.type.rawValue, pValue: value, ulValueLen: UInt(entry.size)))
        }
    }

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
