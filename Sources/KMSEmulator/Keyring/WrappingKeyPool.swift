package import AWS
package import CryptoPrimitives
import Dispatch

/// RSA key pairs for imports, each handed out once, made ahead of time because a 4096-bit one takes a second or two.
package final actor WrappingKeyPool {
    private typealias Waiter = CheckedContinuation<PrivateKey, any Error>

    /// The key pairs of one spec.
    private struct Shelf {
        /// Off the concurrency pool, so that making keys delays no answer; one at a time, so that it leaves a core free.
        let queue = DispatchQueue(label: "keyrite.emulator.wrapping-keys", qos: .utility)
        var ready: [PrivateKey] = []
        var underway = 0
        /// How many were asked for to be made.
        var begun = 0
        var waiting: [Waiter] = []
    }

    /// How many are kept ready of the size that is made ahead.
    private static let depth = 2

    private let ahead: WrappingKeySpec?
    private let kept: KeptWrappingKeys?
    private var shelves: [WrappingKeySpec: Shelf] = [:]

    /// - Parameters:
    ///   - ahead: The spec of which key pairs are kept ready; of others each is made when it is asked for.
    ///   - kept: Where they are taken from, each once; nil to make new ones.
    package init(ahead: WrappingKeySpec?, kept: KeptWrappingKeys? = nil) {
        self.ahead = ahead
        self.kept = kept
    }

    /// The specs that AWS has outside China, and their modulus sizes in bits.
    static func bits(of spec: WrappingKeySpec) -> Int? {
        switch spec {
        case .rsa2048: 2048
        case .rsa3072: 3072
        case .rsa4096: 4096
        default: nil
        }
    }

    /// Starts making those that are kept ready.
    func start() {
        if let ahead { prepare(ahead) }
    }

    /// Starts making key pairs of `spec` until everyone who waits gets one and the shelf is full.
    private func prepare(_ spec: WrappingKeySpec) {
        guard let bits = Self.bits(of: spec) else { return }
        let shelf = shelves[spec, default: Shelf()]
        shelves[spec] = shelf
        let depth = spec == ahead ? Self.depth : 0
        let missing = depth + shelf.waiting.count - shelf.ready.count - shelf.underway
        for _ in 0..<max(0, missing) {
            shelves[spec]?.underway += 1
            shelves[spec]?.begun += 1
            let number = shelves[spec]?.begun ?? 1
            shelf.queue.async { [kept] in
                let made = Result {
                    try kept?.key(number, bits: bits) ?? PrivateKey(generating: .rsa(bits: bits))
                }
                Task { await self.deliver(made, of: spec) }
            }
        }
    }

    /// A key pair that nobody had before.
    ///
    /// - Throws: `CryptoError` when it cannot be made.
    package func take(_ spec: WrappingKeySpec) async throws -> PrivateKey {
        guard Self.bits(of: spec) != nil else {
            throw CryptoError("the emulator makes no wrapping keys of spec \(spec)", reasons: [])
        }
        defer { prepare(spec) }
        if let key = shelves[spec]?.ready.popLast() { return key }
        return try await withCheckedThrowingContinuation { waiter in
            shelves[spec, default: Shelf()].waiting.append(waiter)
            prepare(spec)
        }
    }

    private func deliver(_ made: Result<PrivateKey, any Error>, of spec: WrappingKeySpec) {
        guard var shelf = shelves[spec] else { return }
        shelf.underway -= 1
        if !shelf.waiting.isEmpty {
            shelf.waiting.removeFirst().resume(with: made)
        } else if case .success(let key) = made {
            shelf.ready.append(key)
        }
        shelves[spec] = shelf
    }
}
