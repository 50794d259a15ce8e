import Ceremony
import Evidence
import Room

/// A folder with `roster.json` and every member's acceptance, as a person names it.
///
/// What is wrong with it is invalid input here, and no evidence yet.
enum RosterFolder {
    /// - Returns: The roster's bytes, what they say, and each member's armored signature by name.
    /// - Throws: `CeremonyError` naming the file, `DiskError` where there is no folder.
    static func read(_ path: String) throws -> (bytes: [UInt8], roster: Roster, acceptances: [String: [UInt8]]) {
        let folder = try DiskFolder(at: path)
        let file = "\(folder.root)/\(Roster.path)"
        do {
            let bytes = try folder.read(Roster.path)
            let roster = try Roster(json: bytes)
            var acceptances: [String: [UInt8]] = [:]
            for member in roster.members {
                let signature = try folder.read(Roster.acceptancePath(of: member))
                try roster.verifyAcceptance(signature: signature, member: member, rosterBytes: bytes)
                acceptances[member.name] = signature
            }
            return (bytes, roster, acceptances)
        } catch let error as EvidenceError {
            throw CeremonyError(
                .invalidInput, "\(folder.root)/\(error.path): \(error.reason)",
                remedy: "Name the folder with roster.json and roster/NAME.sig of every member")
        } catch let error as RosterError {
            throw CeremonyError(.invalidInput, "\(file): \(error.problem)", remedy: Self.sentence(error.remedy))
        } catch let error as CanonicalJSONError {
            throw CeremonyError(
                .invalidInput, "\(file): it is no roster in canonical form, at \(error)",
                remedy: "Take the file that the members signed")
        }
    }

    private static func sentence(_ remedy: String) -> String {
        remedy.prefix(1).uppercased() + remedy.dropFirst()
    }
}
