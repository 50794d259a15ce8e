import Ceremony
import Evidence
import Room

/// Where this machine remembers what people signed.
enum MemoryFolder {
    /// - Parameters:
    ///   - option: The value of `--memory`, which only a rehearsal has.
    ///   - site: It says itself where that is.
    /// - Throws: `CeremonyError` for the option in a live ceremony, `DiskError` for a user without a home.
    static func path(_ option: String?, at site: Site?, _ mode: Mode) throws -> String {
        guard let option else { return try site?.memory ?? PersonalFolder.memory() }
        guard mode == .rehearsal else {
            throw CeremonyError(
                .invalidInput, "In a live ceremony the memory is where it always is", remedy: "Leave out --memory")
        }
        return option
    }
}
