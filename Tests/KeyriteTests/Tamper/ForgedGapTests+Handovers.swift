import CryptoPrimitives
import Evidence

/// Hand-overs that say otherwise than is so, signed by the host that they are of, or signed by others.
extension Forgery {
    /// Changes what the host with the HSM says when it hands over the first time.
    private static func saying(
        _ name: String, at place: String = Handover.path(2), _ reason: String,
        _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            forger.lines[try forger.index("received", ["number": 2])].handover.change = change
            return .file(place)
        }
    }

    static let documents = [
        saying("another last line", "it hands over another transcript") { $0["head"] = .string(Forger.otherDigest) },
        saying("another ceremony's mode", "it is of another ceremony") { $0["mode"] = "live" },
        saying("another ceremony's name", "it is of another ceremony") { $0["ceremony"] = "2026-11-26-00000000" },
        saying("another number", "it is another hand-over") { $0["number"] = 1 },
        saying("another host from which", "it goes from or to another host") { $0["from"] = "desk" },
        saying("another host to which", "it goes from or to another host") { $0["to"] = "vault" },
        saying("a line more", "it hands over another transcript") {
            $0["seq"] = .integer(((try? $0["seq"].number) ?? 0) + 1)
        },
        saying("another time", "it hands over another transcript") { $0["at"] = "2026-01-01T00:00:00Z" },
        saying("another form", "its schema is not keyrite.handover/1") { $0["schema"] = "keyrite.handover/2" },
        saying("something more", "no hand-over in canonical form") { $0["more"] = "x" },
        saying("no files", "no hand-over in canonical form") { $0 = $0.without("files") },
        saying("a digest that is none", "no hand-over in canonical form") { $0["files"][0]["sha256"] = "5" },
    ]

    static let lists = [
        adding("extra.txt"), leaving(out: "statements/authorize-1.json"),
        saying("two files that changed places", "its files are not in their order") { said in
            let files = said["files"].elements
            said["files"] = .array([files[1], files[0]] + files.dropFirst(2))
        },
        saying("a file twice", "its files are not in their order") { said in
            let files = said["files"].elements
            said["files"] = .array(files.prefix(1) + files)
        },
        adding("minutes.html"), adding(Transcript.path), adding(Handover.path(2)),
        adding(Handover.signaturePath(2)), adding(Handover.path(3)), adding("handovers/0.json"),
        adding("exhibits/a/b"), adding("exhibits/"), adding("wrapped/a b"), adding("/etc/passwd"),
        adding("../plan.json"), adding("approvals/release-1/ben.json"), adding("approvals/authorize-1/mallory.json"),
        adding("approvals/authorize-1/ben.txt"), adding("statements/release-1.json"), adding("timestamp.tsr"),
        leaving(out: Plan.path), leaving(out: Roster.path), leaving(out: Roster.allowedSignersPath),
        leaving(out: "roster/ben.sig"),
        leaving(out: "approvals/authorize-1/ben.json.sig"), leaving(out: "exhibits/seal.txt"),
        leaving(out: Handover.path(1)), leaving(out: Handover.signaturePath(1)),
        otherwise(Plan.path), otherwise("statements/authorize-1.json"), otherwise("exhibits/seal.txt"),
        otherwise(Handover.signaturePath(1)), otherwise("approvals/authorize-1/ben.json"),
        otherwise("roster/wendy.sig"),
    ]

    /// Lists a file more, in its order.
    private static func adding(_ path: String) -> Forgery {
        saying("a list with \(path)", "it lists \(path), which was no file of the ceremony then") { said in
            let file = JSONValue.object(["path": .string(path), "sha256": .string(Forger.otherDigest)])
            said["files"] = .array(
                (said["files"].elements + [file]).sorted {
                    $0["path"].text.utf8.lexicographicallyPrecedes($1["path"].text.utf8)
                })
        }
    }

    private static func leaving(out path: String) -> Forgery {
        saying("a list without \(path)", at: path, "handovers/2.json does not list it") { said in
            said["files"] = .array(said["files"].elements.filter { $0["path"].text != path })
        }
    }

    private static func otherwise(_ path: String) -> Forgery {
        saying("a list with another \(path)", at: path, "it is not the file that handovers/2.json lists") { said in
            for index in said["files"].elements.indices where said["files"][index]["path"].text == path {
                said["files"][index]["sha256"] = .string(Forger.otherDigest)
            }
        }
    }

    /// Changes how the host with the HSM signs.
    private static func signing(
        _ name: String, _ change: @escaping @Sendable (inout Forger.ForgedHandover) -> Void
    ) -> Forgery {
        Forgery(name, "its signature does not hold") { forger in
            change(&forger.lines[try forger.index("received", ["number": 2])].handover)
            return .file(Handover.signaturePath(2))
        }
    }

    static let signatures = [
        signing("a signature by the other host") { $0.signer = GapCeremony.desk },
        signing("a signature by a person") { $0.signer = "ben" },
        signing("a signature as of a live ceremony") { $0.namespace = Mode.live.handoverNamespace },
        signing("a signature as at a gate") { $0.namespace = Mode.rehearsal.gateNamespace },
        signing("a signature as of a roster") { $0.namespace = Mode.rehearsal.rosterNamespace },
        signing("text after the signature, on record") { $0.alteration = { $0 + Array("more\n".utf8) } },
        signing("text before the signature, on record") { $0.alteration = { Array("more\n".utf8) + $0 } },
        signing("a signature in one line, on record") { forged in
            forged.alteration = { bytes in
                let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
                return Array(
                    "\(lines[0])\n\(lines.dropFirst().dropLast().joined())\n\(lines[lines.count - 1])\n".utf8)
            }
        },
        signing("no signature, on record") { $0.alteration = { _ in [] } },
        signing("a character of the signature, on record") { forged in
            forged.alteration = { bytes in
                var bytes = bytes
                bytes[200] = bytes[200] == 65 ? 66 : 65
                return bytes
            }
        },
    ]
}
