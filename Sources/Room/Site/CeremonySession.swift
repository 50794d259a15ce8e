import AWS
package import Ceremony
import Evidence
import Foundation

/// The name of a role's session where neither profile nor environment has one: by it CloudTrail tells ceremonies apart.
package enum CeremonySession {
    /// Outside of a ceremony.
    package static let unnamed = "keyrite"

    /// - Parameter ceremony: Its id.
    package static func name(of ceremony: String) -> String { "\(unnamed)-\(ceremony)" }

    /// The name for the ceremony that a folder holds.
    ///
    /// The plan binds the caller, and the session's name stands in it: whatever else a folder says, it is refused there.
    package static func name(in folder: any FolderPort) -> String {
        struct Named: Decodable { let ceremony: String }
        guard let plan = try? folder.read(Plan.path),
            let id = try? JSONDecoder().decode(Named.self, from: Data(plan)).ceremony,
            let name = try? SessionName(name(of: id), from: Plan.path)
        else { return unnamed }
        return name.description
    }
}
