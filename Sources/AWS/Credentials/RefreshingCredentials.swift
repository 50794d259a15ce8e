package import Foundation

/// An error that says that new credentials are not to be had now: the old ones are used while they are good. Every other
/// one, of people who leave or of a task that is cancelled, is for whoever asked.
package protocol NoNewCredentials: Error {}

extension AWSError: NoNewCredentials {}

/// What people did wrong where they were asked, and must hear, though the old credentials are good yet.
struct ToldAtOnce: Error {
    let error: AWSError
}

/// Credentials that are loaded when they are first needed, and again before they expire; between them and that, one load
/// at a time.
///
/// AWS's own clients load new ones with 15 minutes left, and so does this. Where that fails, the old ones are used while
/// they are good, and no load is tried for a minute. Once prepared for a step, nothing is loaded before the next one,
/// but for what would expire in the middle.
package final actor RefreshingCredentials: CredentialsProvider {
    /// Loads credentials that are good at a time.
    package typealias Load = @Sendable (_ now: Date) async throws -> Credentials

    /// With less time left than this, in seconds, new ones are loaded.
    private static let advisory = 900.0
    /// With more time left than this, in seconds, nobody waits for a load that somebody else began.
    private static let mandatory = 600.0
    /// With less time left than this, in seconds, the old ones are of no use even where no new ones come.
    private static let least = 60.0

    private struct Known {
        let credentials: Credentials
        /// From the load to their expiration, in seconds.
        let lifetime: Double
    }

    private let load: Load
    private var known: Known?
    private var loading: Task<Credentials, any Error>?
    private var failed: Date?
    private var isInStep = false

    package init(load: @escaping Load) {
        self.load = load
    }

    /// - Parameters:
    ///   - first: What was loaded already.
    ///   - now: When that was.
    init(first: Credentials, at now: Date, load: @escaping Load) {
        self.load = load
        known = Known(credentials: first, lifetime: Self.timeLeft(first, now))
    }

    package func credentials(at now: Date) async throws -> Credentials {
        guard let known else { return try await refreshed(at: now) }
        let left = Self.timeLeft(known.credentials, now)
        let wanted = isInStep ? Self.least : Self.wanted(Self.advisory, of: known)
        if left > wanted || left > Self.mandatory && loading != nil || left > Self.least && hasJustFailed(now) {
            return known.credentials
        }
        return try await refreshed(at: now, orElse: known.credentials)
    }

    package func prepare(at now: Date, for seconds: Double) async throws {
        isInStep = false
        let left = known.map { Self.timeLeft($0.credentials, now) } ?? 0
        if left <= (known.map { Self.wanted(seconds, of: $0) } ?? seconds) {
            _ = try await refreshed(at: now, orElse: known?.credentials)
        }
        isInStep = true
    }

    /// Sessions can be so short that they would be renewed all the time: half of such a one is enough.
    private static func wanted(_ seconds: Double, of known: Known) -> Double { min(seconds, known.lifetime / 2) }

    private func hasJustFailed(_ now: Date) -> Bool {
        failed.map { (0..<60).contains(now.timeIntervalSince($0)) } ?? false
    }

    private func refreshed(at now: Date, orElse old: Credentials? = nil) async throws -> Credentials {
        do {
            let fresh = try await freshlyLoaded(now)
            failed = nil
            return fresh
        } catch let told as ToldAtOnce {
            throw told.error
        } catch let error as any NoNewCredentials {
            failed = now
            if let old, Self.timeLeft(old, now) > Self.least { return old }
            throw error
        }
    }

    /// One load for all who ask meanwhile.
    private func freshlyLoaded(_ now: Date) async throws -> Credentials {
        if let loading { return try await loading.value }
        let task = Task { [load] in try await load(now) }
        loading = task
        defer { loading = nil }
        let fresh = try await task.value
        known = Known(credentials: fresh, lifetime: Self.timeLeft(fresh, now))
        return fresh
    }

    private static func timeLeft(_ credentials: Credentials, _ now: Date) -> Double {
        credentials.expiration?.timeIntervalSince(now) ?? .infinity
    }
}
