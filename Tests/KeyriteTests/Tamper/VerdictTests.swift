import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite("What both verifiers say under their tables")
    struct VerdictTests {
        private static let bounds = """

            What no evidence can show:
            - that nothing else was done with the HSM's PINs or the IAM credentials. Gates
              bind the program that wrote this, not whoever holds those.
            - whose the wrapping keys were, beyond the TLS that fetched them.
            - that AWS does not know the material: it was imported, so AWS does.
            - more than one host's word for what is marked as asserted.

            """

        @Test(
            "what no evidence can show stands under whatever holds, in text and JSON, and under no refusal",
            arguments: ["VERIFIED", "CONSISTENT, NOT TRUSTED", "NOT CLOSED", "REFUSED"])
        func bounds(word: String) async throws {
            try await withCopy { copy in
                var copy = copy
                switch word {
                case "CONSISTENT, NOT TRUSTED": copy.anchor = nil
                case "NOT CLOSED": try copy.stripClose()
                case "REFUSED": try copy.change("plan.json") { $0[9] ^= 1 }
                default: break
                }
                for printed in try await printed(of: copy) {
                    #expect(printed.contains("\n\(word): "), "\(printed)")
                    #expect(printed.hasSuffix(Self.bounds) == (word != "REFUSED"), "\(printed)")
                    #expect(printed.contains("What no evidence") == (word != "REFUSED"), "\(printed)")
                }
                let report = try await report(on: copy)
                let told = report.bounds.joined(separator: " ")
                let items = Self.bounds.split(separator: "\n").dropFirst().map { $0.dropFirst(2) }
                #expect(told == (word == "REFUSED" ? "" : items.joined(separator: " ")))
            }
        }

        private struct Report: Decodable {
            let verdict: String
            let ceremony: String?
            let mode: String?
            let roster: HoldingRoster?
            let bounds: [String]
        }

        @Test("JSON names the ceremony, its roster, and whether it was a rehearsal, also where no mode was expected")
        func report() async throws {
            try await withCopy { copy in
                let plan = try CanonicalJSON.decode(Plan.self, from: try copy.folder.read(Plan.path))
                let report = try await report(on: copy)
                #expect(report.verdict == "verified")
                #expect(report.mode == "rehearsal")
                #expect(report.ceremony == plan.ceremony)
                #expect(report.roster?.sha256 == copy.anchor)
                #expect(report.roster?.number == 1 && report.roster?.vouchedFor == 1)
                var copy = copy
                copy.anchor = nil
                let unanchored = try await self.report(on: copy)
                #expect(unanchored.verdict == "consistent-not-trusted" && unanchored.mode == "rehearsal")
                #expect(unanchored.roster != nil && unanchored.roster?.vouchedFor == nil)
            }
        }

        /// What each of the verifiers prints.
        private func printed(of copy: TamperedFolder) async throws -> [String] {
            let arguments = [copy.folder.root] + (copy.anchor.map { ["--roster", $0.hex] } ?? [])
            return [
                try await CeremonyRoom.keyrite(["verify"] + arguments).stdoutText,
                try await runProcess("dash", [TamperedFolder.script] + arguments).stdoutText,
            ]
        }

        private func report(on copy: TamperedFolder) async throws -> Report {
            let run = try await CeremonyRoom.keyrite(
                ["verify", copy.folder.root, "--format", "json"] + (copy.anchor.map { ["--roster", $0.hex] } ?? []))
            return try JSONDecoder().decode(Report.self, from: Data(run.stdout))
        }
    }
}
