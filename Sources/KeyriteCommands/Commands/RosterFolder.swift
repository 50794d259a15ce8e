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
            try rosters.requireNoOthers(in: disk)
        } catch let fault as RosterFault {
            throw Self.input(fault, in: disk.root)
        }
    }

    /// Makes a roster folder, shows what it has, and says who must sign.
    static func make(at path: String, _ files: [String: [UInt8]]) throws {
        try NewPlace.requireOutsideEvidence(path)
        let disk = try DiskFolder.create(at: path)
        let folder: RosterFolder
        do {
            for (file, bytes) in files.sorted(by: { $0.key < $1.key }) { try disk.write(bytes, to: file) }
            folder = try RosterFolder(at: path, isOpen: true)
        } catch {
            disk.discard()
            throw error
        }
        try RosterNext.toPeople(folder, at: path)
        Output.data(disk.root)
    }

    /// The files that wait for this person's signature.
    ///
    /// - Throws: `CeremonyError` when none does.
    func waiting(for name: String) throws -> [String] {
        let files = rosters.current.files(of: name)
        guard !files.isEmpty else { throw rosters.current.stranger(name) }
        let waiting = files.filter { rosters.files[$0] == nil }
        guard !waiting.isEmpty else {
            throw CeremonyError(
                .state, "\(name) has signed roster \(rosters.current.roster.sequence) already",
                remedy: "Let those sign who have still to: keyrite roster show")
        }
        return waiting
    }

    /// Puts a signature where it belongs, once it is found to hold.
    ///
    /// - Throws: `RosterError` when it is good for nothing; nothing is written then.
    func add(_ armored: [UInt8], by name: String) throws {
        for file in try rosters.current.files(for: armored, by: name) { try disk.write(armored, to: file) }
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
