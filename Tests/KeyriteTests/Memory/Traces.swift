import CryptoPrimitives

/// The forms in which secret bytes may lie in a memory.
///
/// Half of the bytes suffice: nothing else in the world has them.
struct Traces {
    enum Form: CaseIterable {
        case raw
        /// As a number whose lowest byte comes first: libcrypto's.
        case reversed
        case lowercaseHex
        case uppercaseHex
        case base64
    }

    private let bytes: [UInt8]

    /// - Parameter bytes: 24 or more of them, of which the first 32 count.
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
        case .reversed: halves.map { $0.reversed() }
        case .lowercaseHex: halves.map { Array(Hex.encode($0).utf8) }
        case .uppercaseHex: halves.map { Array(Hex.encode($0).uppercased().utf8) }
        // Groups of three, wherever they begin: what comes before and after in a longer text does not matter.
        case .base64:
            (0..<3).flatMap { start in [bytes[start...].prefix(15), bytes.dropLast(start).suffix(15)] }
                .map { Array(Base64.encode($0).utf8) }
        }
    }
}
