import CryptoPrimitives

/// The forms in which 32 secret bytes may lie in a memory.
///
/// Half of the bytes suffice: nothing else in the world has them.
struct Traces {
    enum Form: CaseIterable {
        case raw
        case lowercaseHex
        case uppercaseHex
        case base64
    }

    private let bytes: [UInt8]

    /// - Parameter bytes: 32 of them, or the first 32 of something longer.
    init(of bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes.prefix(32))
    }

    /// The forms that were in the memory.
    func found(in memory: MemoryRecord) -> Set<Form> {
        Set(Form.allCases.filter { form in patterns(form).contains(where: memory.contains) })
    }

    private func patterns(_ form: Form) -> [[UInt8]] {
        let halves = [Array(bytes.prefix(16)), Array(bytes.suffix(16))]
        return switch form {
        case .raw: halves
        case .lowercaseHex: halves.map { Array(Hex.encode($0).utf8) }
        case .uppercaseHex: halves.map { Array(Hex.encode($0).uppercased().utf8) }
        // Groups of three, so that it does not matter what follows in a longer text.
        case .base64: [bytes.prefix(15), bytes[15..<30]].map { Array(Base64.encode($0).utf8) }
        }
    }
}
