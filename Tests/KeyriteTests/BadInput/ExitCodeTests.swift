import AWS
import Ceremony
import Disk
import Evidence
import Glibc
import KeyriteCommands
import PKCS11
import Room
import Testing

@Suite("What goes wrong ends with the exit code of its kind")
struct ExitCodeTests {
    @Test("a look that KMS refused after a call without an answer does not say that nothing changed")
    func lookAfterUnknown() {
        let refused = AWSError.service(
            AWS.ServiceError(
                operation: "ListKeyRotations", code: .accessDenied, message: "not authorized", status: 400))
        let stopped = StoppedUnknowing(
            error: refused, earlier: EarlierCall(seq: 31, kind: .rotateIntended, slot: "payments"))
        let words = Program.words(for: stopped)
        #expect(
            words.hasSuffix(
                ". This changed nothing, but a call before it may have had its effect, whose outcome is not known: "
                    + "rotate-intended of payments, line 31 of the transcript. It is looked up before anything is done again. "
                    + "Give the caller what it lacks, then run again"), "\(words)")
        #expect(!words.contains("It changed nothing"))
        #expect(Program.words(for: refused).contains("It changed nothing"))
        #expect(ExitStatus(for: stopped) == .failed)
        #expect(
            ExitStatus(for: StoppedUnknowing(error: AWSError.configuration("a"), earlier: stopped.earlier))
                == .invalidInput)
    }

    @Test("whose PINs were wrong reads what to do before the next one")
    func wrongPIN() {
        let refused = PINRefused(
            token: "token a", error: PKCS11Error("C_Login", .returned(.pinIncorrect)), flags: [.userPINCountLow],
            undone: "Nothing was signed")
        #expect(
            Program.words(for: refused).hasSuffix(
                "how many are left. Be sure of the PIN before you run the command again"))
    }

    @Test("a look without an answer after a call without one says what to do, in whole sentences")
    func lookUnanswered() throws {
        let endpoint = try Endpoint("https://kms.example")
        let stopped = StoppedUnknowing(
            error: AWSError.noAnswer(operation: "ListKeyRotations", endpoint: endpoint, reason: "none within 30.0 s"),
            earlier: EarlierCall(seq: 31, kind: .importIntended, slot: "payments"))
        #expect(
            Program.words(for: stopped)
                == "ListKeyRotations brought no answer from https://kms.example (none within 30.0 s). Check network and endpoint, "
                + "then try again: that does no harm. This changed nothing, but a call before it may have had its effect, whose "
                + "outcome is not known: import-intended of payments, line 31 of the transcript. It is looked up before "
                + "anything is done again")
    }

    @Test("2 for usage and invalid input, 4 for evidence that does not hold, 1 for all else")
    func codes() {
        let codes: [(any Error, Int32)] = [
            (CeremonyError(.invalidInput, "a", remedy: "b"), 2), (CeremonyError(.environment, "a", remedy: "b"), 1),
            (CeremonyError(.state, "a", remedy: "b"), 1), (NoSuchKey("alias/a", at: "https://kms.example"), 1),
            (AnswerLost(call: "CreateKey"), 1), (ServiceRefused(code: "a", request: nil, what: "b"), 1),
            (EvidenceError("plan.json", "a"), 4), (AWSError.configuration("a"), 2),
            (PKCS11Error("looking for a token", .misnamed("2 tokens")), 2),
            (PKCS11Error("C_Login", .refused("the PIN is locked")), 1),
            (PKCS11Error("C_Login", .returned(.pinIncorrect)), 1),
            (DiskError("open", "a", code: ENOENT), 2), (DiskError("make", "a", code: EEXIST), 2),
            (DiskError("write", "a", code: EROFS), 2), (DiskError("write", "a", code: ENOSPC), 1),
            (DecisionNotKept(name: "ben", gate: .release, error: DiskError("write", "a", code: ENOSPC)), 1),
            (DecisionNotKept(name: "ben", gate: .release, error: DiskError("write", "a", code: EROFS)), 2),
            (CancellationError(), 1),
        ]
        for (error, code) in codes { #expect(ExitStatus(for: error).rawValue == code, "\(error)") }
    }
}
