import Ceremony
import Evidence
import Room

/// A folder with `roster.json`, every roster before it, and what was signed over them, as a person names it.
///
/// What is wrong with it is invalid input here, and no evidence yet.
struct RosterFolder {
    let disk: DiskFolder
    let rosters: RosterChain

    /// - Parameter isOpen: Whether signatures over the current roster may still be missing.
    /// - Throws: `CeremonyError` naming the file, `DiskError` where there is no folder.
    init(at path: String, isOpen: Bool = false) throws {
        disk = try DiskFolder(at: path)
        do {
            rosters = try RosterChain(reading: disk, isOpen: isOpen)
        } catch let fault as RosterFault {
            throw Self.input(fault, in: disk.root)
        }
    }

    private static func input(_ fault: RosterFault, in root: String) -> CeremonyError {
        let file = "\(root)/\(fault.path)"
        return switch fault.cause {
        case let error as EvidenceError:
            CeremonyError(
                .invalidInput, "\(root)/\(error.path): \(error.reason)",
                remedy: "Name the folder with roster.json and roster/NAME.sig of every member")
        case let error as RosterError:
            CeremonyError(.invalidInput, "\(file): \(error.problem)", remedy: sentence(error.remedy))
        default:
            CeremonyError(
                .invalidInput, "\(file): it is no roster in canonical form, at \(fault.cause)",
                remedy: "Take the file that the members signed")
        }
    }

    private static func sentence(_ remedy: String) -> String {
        remedy.prefix(1).uppercased() + remedy.dropFirst()
    }
}
