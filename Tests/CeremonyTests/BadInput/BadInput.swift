import Ceremony
import Evidence
import Testing

/// Something that a person got wrong, and all that they are told about it.
struct BadInput: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What the program ends with: `Program`'s exit codes are held to the kinds of errors in a test of their own.
    let exit: Int
    /// The whole message: where, what, and what to do about it.
    let message: String
    let happen: @Sendable () async throws -> Void

    init(
        _ testDescription: String, exit: Int = 2, _ message: String, happen: @escaping @Sendable () async throws -> Void
    ) {
        self.testDescription = testDescription
        self.exit = exit
        self.message = message
        self.happen = happen
    }

    /// The exit code of an error.
    static func exit(_ error: any Error) -> Int {
        switch error {
        case is EvidenceError: 4
        case let error as CeremonyError where error.kind == .invalidInput: 2
        default: 1
        }
    }
}

@Suite("Every message about bad input: where, what, remedy and exit code")
struct BadInputTests {
    @Test(
        "is this one",
        arguments: BadInput.definitions + BadInput.keys + BadInput.plans + BadInput.approvers + BadInput.runs)
    func message(_ given: BadInput) async throws {
        let error = try #require(await #expect(throws: (any Error).self) { try await given.happen() })
        let said = "\(error)".replacing(#/SHA256:[A-Za-z0-9+\/]{43}/#, with: "KEY")
            .replacing(#/plan has \d+ bytes/#, with: "plan has N bytes")
        #expect(said == given.message)
        #expect(BadInput.exit(error) == given.exit)
    }

    @Test("an approval that does not count says why, and what to do", arguments: BadInput.refusals)
    func refusal(refusal: ApprovalRefusal, message: String) {
        #expect("\(refusal)" == message)
    }

    @Test("a value has its file with line and column, or those of what it is missing from")
    func place() {
        let place = InputPlace(
            file: "d.yaml", marks: ["": "1:1", "keys": "5:3", "keys[0]": "5:5", "keys[0].alias": "5:12"])
        #expect("\(place)" == "d.yaml:1:1")
        #expect("\(place["keys[0]"]["alias"])" == "d.yaml:5:12: keys[0].alias")
        #expect("\(place["keys[0]"]["tags"]["a.b"])" == "d.yaml:5:5: keys[0].tags.a.b")
        #expect("\(place["keys[1]"]["alias"])" == "d.yaml:5:3: keys[1].alias")
        #expect("\(place["title"])" == "d.yaml:1:1: title")
        #expect("\(InputPlace(file: "d.yaml")["title"])" == "d.yaml: title")
        #expect("\(InputPlace()["title"])" == "title")
        #expect(InputPlace().error("it is empty", remedy: "Fill it").description == "it is empty. Fill it")
    }
}
