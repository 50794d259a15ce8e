import AWS
import Ceremony
import CryptoPrimitives
import Glibc
import Room

/// Has the administrator enter the code that a device of multi-factor authentication shows, for a role that asks for it.
enum MFADialogue {
    private static let prompt = "MFA code: "

    /// Asks at the terminal of a command that has none at work.
    ///
    /// - Throws: `CeremonyError` without a terminal, or when no code was entered.
    static func code(for question: MFAQuestion) async throws -> SecretBytes {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CeremonyError(
                .environment,
                "The role \(question.role) needs a code of the MFA device \(question.device), and there is no terminal",
                remedy: "Run it at a terminal, or use a profile without mfa_serial")
        }
        return try await TerminalSession.hold { terminal in
            let desk = Desk(Stage(terminal, hasKeys: false))
            return try entered(
                try await desk.secret(prompt, limit: 16, keys: { _ in }) { View(body: text(of: question)) }, question)
        }
    }

    /// Asks at the screen of a ceremony.
    ///
    /// - Throws: `Interjected` when the engine must hear first what people put on record; `RoomEnd`; `CeremonyError` when
    ///   no code was entered.
    static func code(for question: MFAQuestion, at screen: AttendedScreen) async throws -> SecretBytes {
        // What runs ahead meanwhile must not ask two things at one desk: once they have signed, it is asked for.
        guard !screen.isAsked else {
            throw CeremonyError(
                .state,
                "The role \(question.role) needs a new code of the MFA device \(question.device), and people sign",
                remedy: "It is asked for once they have")
        }
        return try await screen.asking { interjector in
            let code = try await screen.desk.secret(prompt, limit: 16) { key in
                try await interjector.handle(key)
                if interjector.isUrgent { throw Interjected() }
            } view: {
                View(overview: await screen.overview(), body: text(of: question))
            }
            return try entered(code, question)
        }
    }

    private static func text(of question: MFAQuestion) -> [Paragraph] {
        [
            Paragraph("AWS asks for a code of the MFA device \(question.device).", style: .strong),
            Paragraph(
                """
                It is for the role \(question.role). The six digits are not shown as you type, and are sent once. Enter alone \
                sends nothing.
                """),
        ]
    }

    private static func entered(_ code: SecretBytes?, _ question: MFAQuestion) throws -> SecretBytes {
        guard let code else {
            throw CeremonyError(
                .state, "No code of the MFA device \(question.device) was entered, and the role was not assumed",
                remedy: "Have the device at hand, then go on")
        }
        return code
    }
}

/// Nobody could be asked for a code, or entered one: credentials that are good yet will do.
extension CeremonyError: NoNewCredentials {}
