import AWS
import Ceremony
import Evidence
import Room

/// How commands reach AWS that only read it.
enum ReadingAccess {
    /// A site that AWS is only read from: it needs no HSM, but says where its credentials come from.
    ///
    /// - Throws: `CeremonyError`.
    static func site(_ path: String) throws -> Site {
        let site = try InputFile.readingSite(path)
        try LiveRules(site).requireCredentials()
        return site
    }

    /// - Parameter session: The name of a role's session, where the profile has none.
    /// - Throws: `CeremonyError`, `AWSError`.
    static func resolved(_ site: Site, session: String = CeremonySession.unnamed) throws -> ResolvedAccess {
        guard let access = try site.access?.resolved(session: session, mfaCode: MFADialogue.code) else {
            throw CeremonyError(
                .invalidInput, "The site reaches no AWS", remedy: "Give the site of the host that is connected")
        }
        return access
    }

    /// Asks AWS for the first time: where nothing answers, a Region that there is not is named as that.
    ///
    /// - Throws: What `ask` throws; `CeremonyError` for such a Region.
    static func asking<Answer>(
        by access: ResolvedAccess, _ ask: () async throws -> Answer
    ) async throws -> Answer {
        do { return try await ask() } catch let error as AWSError {
            if case .unreachable = error { try await RegionCheck(by: access).requireHome(access.region) }
            throw error
        }
    }
}
