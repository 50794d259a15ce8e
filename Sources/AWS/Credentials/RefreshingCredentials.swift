package import Foundation

/// Credentials that are loaded when they are first needed, and again before they expire.
package final actor RefreshingCredentials: CredentialsProvider {
    /// Loads credentials that are good at a time.
    package typealias Load = @Sendable (_ now: Date) async throws -> Credentials

    /// With less time left than this, in seconds, new ones are loaded.
    private static let margin = 300.0
    /// With less time left than this, in seconds, the old ones are of no use even where no new ones come.
    private static let least = 60.0

    private let load: Load
    private var known: Credentials?
    private var loading: Task<Credentials, any Error>?

    package init(load: @escaping Load) {
        self.load = load
    }

    package func credentials(at now: Date) async throws -> Credentials {
        if let known, Self.timeLeft(known, now) > Self.margin { return known }
        do {
            let fresh = try await freshlyLoaded(now)
            known = fresh
            return fresh
        } catch {
            if let known, Self.timeLeft(known, now) > Self.least { return known }
            throw error
        }
    }

    /// One load for all who ask meanwhile.
    private func freshlyLoaded(_ now: Date) async throws -> Credentials {
        if let loading { return try await loading.value }
        let task = Task { [load] in try await load(now) }
        loading = task
        defer { loading = nil }
        return try await task.value
    }

    private static func timeLeft(_ credentials: Credentials, _ now: Date) -> Double {
        credentials.expiration?.timeIntervalSince(now) ?? .infinity
    }
}
