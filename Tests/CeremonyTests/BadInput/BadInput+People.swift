import Ceremony
import CryptoPrimitives
import Evidence
import Testing

extension BadInput {
    /// People who sign what they should not, or as whom they are not.
    static let approvers = [
        approving(
            "somebody else", as: "mallory\u{1B}",
            "mallory%1B is not on the roster. Its members are ada, ben, carol, dan, wendy"),
        approving(
            "the administrator", as: "ada",
            "ada is the administrator, who never approves. The quorum is the custodians' and witnesses'"),
        approving(
            "another gate than the open one", .release,
            "The open gate is authorize, not release. Approve that one, if it is what you mean to approve"),
        BadInput(
            "a ceremony without an open gate", exit: 1,
            "No gate is open in this ceremony. Look at it with keyrite status, and let the administrator run it on"
        ) { try await TestRoom.ready().sign(.authorize, as: "ben") },
        BadInput(
            "a second decision", exit: 1,
            "ben has signed this attempt already: approve. Let the administrator run the ceremony on. If ben did not mean it, "
                + "have the administrator put an exception on record before the gate is passed: it voids what was signed, "
                + "and ben refuses the next attempt. Once it is passed, have the ceremony aborted"
        ) {
            let room = try await opened()
            try await room.sign(.authorize, as: "ben")
            try await room.sign(.authorize, as: "ben", .refuse(reason: "on second thoughts"))
        },
        BadInput(
            "a key of another person", exit: 1,
            "The approval by ben would not count: its signature does not hold: the SSH signature is by another key; KEY, not KEY. "
                + "Nothing was written. The roster has that key as carol's: ben signs with their own"
        ) {
            let room = try await opened()
            try await approve(in: room, as: "ben", Decided(answer: .approve), room.signer("carol"))
        },
        BadInput(
            "a gate that moves on meanwhile", exit: 1,
            "While ben decided, the gate moved on to another attempt. Nothing was written. ben reads the new "
                + "statement, and decides on it"
        ) {
            let room = try await opened()
            try await approve(in: room, as: "ben", Slow(room: room), room.signer("ben"))
        },
    ]

    /// Approvals that do not count.
    static let refusals: [(ApprovalRefusal, String)] = [
        (
            .malformed("$: why"),
            "it is no approval in canonical form; $: why. Whoever made it signs again with keyrite approve"
        ),
        (
            .otherMode(.live),
            "it was made for a live ceremony. Find out how a rehearsal and a live ceremony got mixed up before anybody "
                + "signs again"
        ),
        (
            .otherMode(.rehearsal),
            "it was made for a rehearsal. Find out how a rehearsal and a live ceremony got mixed up before anybody signs "
                + "again"
        ),
        (
            .otherCeremony("2026-11-26-00000000"),
            "it was made for the ceremony 2026-11-26-00000000. Bring it to the ceremony it is for; here, whoever made it "
                + "decides anew"
        ),
        (
            .otherGate(.close),
            "it was made for the gate close. Whoever made it decides at the gate that is open"
        ),
        (
            .otherAttempt(2),
            "it was made for attempt 2. What was signed there no longer holds: whoever made it decides on the attempt "
                + "that is open"
        ),
        (
            .otherPlan,
            "it was made for another plan. Compare the plan's digest with the one that whoever made it has: there are two "
                + "plans about"
        ),
        (
            .otherStatement,
            "it was made for another statement. Whoever made it reads the statement that is open now, and decides on that "
                + "one"
        ),
        (.unknownPerson("eve"), "eve is not on the roster. Remove it: only the roster's members sign"),
        (
            .otherRole("ben"), "ben has another role on the roster. Whoever made it signs again with keyrite approve"
        ),
        (
            .otherKey("ben"),
            "it names a key that the roster does not give ben. ben signs again with the key that the roster lists"
        ),
        (
            .administrator("ada"),
            "ada is the administrator, who never approves. Remove it: the quorum is the custodians' and witnesses'"
        ),
        (
            .countedApart("ben", .authorize),
            "ben was counted at authorize, from which the plan separates this gate. Others must sign here; whoever signed "
                + "there can still refuse"
        ),
        (
            .outsideKeyValidity("ben"),
            "it was made outside the validity of ben's key. Check the clock where it was made; if that is right, others "
                + "must sign"
        ),
        (
            .keyEnded("ben"),
            "ben's key ended before it was recorded. Check the clock here; if that is right, others must sign: it could have "
                + "been made later than it says"
        ),
        (
            .outsideStatementValidity("ben"),
            "ben made it outside the statement's validity. Check the clock where it was made, then decide again"
        ),
        (
            .signature("why"),
            "its signature does not hold: why. Whoever made it signs again; if nobody did, find out how it came there"
        ),
        (
            .noUserPresence("ben", .touched),
            "no user presence: ben signed without a touch of the authenticator, which the roster demands. ben signs again, "
                + "and touches the authenticator when it blinks"
        ),
        (
            .noUserPresence("ben", .verified),
            "no user presence: ben signed without a touch of the authenticator and its PIN or fingerprint, which the "
                + "roster demands. ben signs again, with a key made with ssh-keygen -O verify-required, and touches the "
                + "authenticator"
        ),
        (
            .refusalWithoutReason("ben"),
            "ben refused without a reason. Whoever made it refuses again, and says why"
        ),
        (
            .approvalWithReason("ben"),
            "ben approved with a reason. Whoever made it decides again: an approval has no conditions, a refusal has a "
                + "reason"
        ),
    ]

    private static func approving(
        _ description: String, _ gate: Gate = .authorize, as name: String = "ben", _ message: String
    ) -> BadInput {
        BadInput(description, message) { try await opened().sign(gate, as: name) }
    }

    /// A room whose first gate is open.
    static func opened() async throws -> TestRoom {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        return room
    }

    private static func approve(
        in room: TestRoom, as name: String, _ participant: some ParticipantPort, _ signer: some SignerPort
    ) async throws {
        defer { #expect((try? room.folder.read(Approval.path(.authorize, 1, name))) == nil) }
        _ = try await Approver(folder: room.folder, memory: MemoryOfSightings(), clock: room.clock).approve(
            .authorize, as: name, participant: participant, signer: signer)
    }
}

/// Says yes once the room has put an exception on record.
private struct Slow: ParticipantPort {
    let room: TestRoom

    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer {
        room.speakers.say(.exception(by: "wendy", what: "the door stood open", why: "heat", remedy: "closed"))
        _ = try await room.engine().run()
        return .approve
    }
}
