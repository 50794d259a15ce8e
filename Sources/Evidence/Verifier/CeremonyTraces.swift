/// What tells that a folder is a ceremony's, or was one, whatever of it is there still.
package enum CeremonyTraces {
    /// Files that no other folder has for long; a roster's folder has only `roster.json`, and what was signed over it.
    package static let files = [
        Plan.path, Transcript.path, Roster.allowedSignersPath, Manifest.path, Handover.path(1),
    ]
    /// Folders in which a ceremony keeps something for each attempt at a gate, under its name and number.
    package static let foldersOfGates = ["statements", "approvals"]

    /// Whether something in such a folder is of a gate.
    package static func isOfGate(_ name: String) -> Bool {
        Gate.allCases.contains { name.hasPrefix("\($0.rawValue)-") }
    }
}
