import Ceremony
import CryptoPrimitives
import Evidence

extension BadInput {
    /// Ceremonies that cannot be run as they are, and words of people that cannot be recorded.
    static let runs =
        [
            running(
                "a plan whose window is over",
                "plan.json: it is 2026-11-18T12:06:41Z, outside its window 2026-11-18T11:06:40Z to 2026-11-18T12:06:40Z. "
                    + "Check this host's clock; if it is right, freeze a new plan"
            ) { $0.clock.set(TestRoom.now.advanced(bySeconds: 3601)) },
            running(
                "a clock before the plan's window",
                "plan.json: it is 2026-11-18T11:06:39Z, outside its window 2026-11-18T11:06:40Z to 2026-11-18T12:06:40Z. "
                    + "Check this host's clock; if it is right, freeze a new plan"
            ) { $0.clock.set(TestRoom.now.advanced(bySeconds: -1)) },
            running(
                "another account and Region", exit: 1,
                "These surroundings are not the plan's: the AWS account is 9, planned was 111122223333; the Region is x, "
                    + "planned was eu-central-1. Restore what the plan names, or freeze a new plan"
            ) { $0.environment.set(.make(account: "9", region: "x")) },
            running(
                "a stranger's file beside the approvals of the close", exit: 1,
                "approvals/close-1/eve.json does not count and cannot be sealed. Move it out of the folder, then run again"
            ) { room in
                try await room.advance(to: .close)
                try room.folder.write([], to: "approvals/close-1/eve.json")
                for name in ["ben", "carol", "wendy"] { try await room.sign(.close, as: name) }
            },
        ]
        + [
            (
                Interjection.note(by: "eve", text: "x"),
                "eve is not on the roster. Its members are ada, ben, carol, dan, wendy"
            ),
            (.note(by: "ben", text: ""), "The note is empty. Say it in a few words"),
            (.exception(by: "ben", what: "", why: "x", remedy: "x"), "The exception is empty. Say it in a few words"),
            (.exception(by: "ben", what: "x", why: "", remedy: "x"), "The reason is empty. Say it in a few words"),
            (.exception(by: "ben", what: "x", why: "x", remedy: ""), "The remedy is empty. Say it in a few words"),
            (.abort(by: "ben", reason: ""), "The reason is empty. Say it in a few words"),
            (.exhibit(by: "ben", name: "a", what: "", bytes: []), "The description is empty. Say it in a few words"),
            (
                .exhibit(by: "ben", name: "../plan.json", what: "x", bytes: []),
                "../plan.json is not a name for an exhibit. Use up to 100 letters, digits, . _ and -, and no . at the "
                    + "beginning"
            ),
        ].map { said, message in running("\(said)", message) { $0.speakers.say(said) } }
        + [
            running("a second exhibit of one name", "There is an exhibit named a already. Give it another name") {
                $0.speakers.say(
                    .exhibit(by: "ben", name: "a", what: "x", bytes: [1]),
                    .exhibit(by: "ben", name: "a", what: "y", bytes: [2]))
            }
        ]

    /// - Parameter prepare: What goes wrong before the run.
    private static func running(
        _ description: String, exit: Int = 2, _ message: String,
        _ prepare: @escaping @Sendable (TestRoom) async throws -> Void
    ) -> BadInput {
        BadInput(description, exit: exit, message) {
            let room = try await TestRoom.ready()
            try await prepare(room)
            _ = try await room.engine().run()
        }
    }
}
