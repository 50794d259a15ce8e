package import AWS
import CryptoPrimitives
package import Foundation

/// The keys, aliases and imports of one account and Region, in memory, under AWS's rules; it knows no network.
package final actor Keyring {
    package nonisolated let account: String
    package nonisolated let region: String
    let wrappingKeys: WrappingKeyPool
    private let hostClock: @Sendable () -> Date
    private var clockOffset: TimeInterval = 0
    private var keys: [String: ManagedKey] = [:]
    var aliases: [String: Alias] = [:]
    var imports: [Blob: ImportParameters] = [:]
    /// Every call that was answered, in order.
    package private(set) var calls: [ServedCall] = []

    /// An alias and what it stands for.
    struct Alias: Sendable {
        let name: String
        var keyID: String
        let created: Date
        var updated: Date
    }

    /// - Parameters:
    ///   - account: 12 digits.
    ///   - region: As it stands in ARNs.
    ///   - wrappingKeys: Where GetParametersForImport takes its key pairs from.
    ///   - clock: The time before `setClockOffset` moves it.
    package init(
        account: String, region: String, wrappingKeys: WrappingKeyPool,
        clock: @escaping @Sendable () -> Date = Date.init
    ) {
        self.account = account
        self.region = region
        self.wrappingKeys = wrappingKeys
        hostClock = clock
    }

    /// The service's time: what expires, and what signatures are measured against.
    package var now: Date { hostClock().addingTimeInterval(clockOffset) }

    /// Moves the service's time away from the host's.
    ///
    /// - Parameter seconds: Positive into the future; at most ten years either way.
    /// - Throws: ValidationException for more.
    package func setClockOffset(seconds: TimeInterval) throws {
        guard abs(seconds) <= 10 * 366 * 24 * 60 * 60 else {
            throw KMSFault.validation("The clock moves ten years at most.")
        }
        clockOffset = seconds
    }

    /// Answers one call and remembers that it did.
    ///
    /// - Throws: `KMSFault` for what AWS would refuse.
    package func serve<Operation: KeyringOperation>(
        _ operation: Operation.Type, _ input: Operation.Input
    ) async throws -> Operation.Output {
        do {
            let output = try await Operation.serve(input, on: self)
            record(Operation.name, key: Operation.keyIdentifier(of: input, output), error: nil)
            return output
        } catch {
            let fault = error as? KMSFault ?? .internal
            record(Operation.name, key: Operation.keyIdentifier(of: input, nil), error: fault.code)
            throw error
        }
    }

    /// Remembers a call; those refused before the rules had a say are remembered so too.
    ///
    /// - Parameters:
    ///   - key: As the caller wrote it.
    ///   - error: AWS's name of the refusal.
    package func record(_ operation: String, key: String?, error: String?) {
        let id = key.flatMap { try? self.key($0).id }
        calls.append(ServedCall(operation: operation, keyId: id ?? key, error: error))
    }

    /// The key that an identifier means, as it is now.
    ///
    /// - Parameter aliases: Whether this operation takes an alias for a key.
    /// - Throws: The refusals AWS has for identifiers that mean no key.
    func key(_ identifier: String, aliases allowed: Bool = true) throws -> ManagedKey {
        let id: String
        switch try KeyIdentifier(identifier, region: region, account: account) {
        case .key(let keyID): id = keyID
        case .alias(let name):
            guard allowed else { throw KMSFault.notFound("Invalid keyId '\(identifier)'") }
            id = try alias(name).keyID
        }
        guard var key = keys[id] else { throw KMSFault.notFound("Key '\(arn("key/" + id))' does not exist") }
        key.forgetExpired(at: now)
        keys[id] = key
        return key
    }

    func alias(_ name: String) throws -> Alias {
        guard let alias = aliases[name] else { throw KMSFault.notFound("Alias \(arn(name)) is not found.") }
        return alias
    }

    /// Every key as it is now, in an order that lasts.
    func allKeys() -> [ManagedKey] {
        let now = now
        for id in keys.keys { keys[id]?.forgetExpired(at: now) }
        return keys.values.sorted { $0.id < $1.id }
    }

    func store(_ key: ManagedKey) { keys[key.id] = key }

    /// - Parameter resource: `key/ID` or `alias/NAME`.
    nonisolated func arn(_ resource: String) -> String { "arn:aws:kms:\(region):\(account):\(resource)" }
}
