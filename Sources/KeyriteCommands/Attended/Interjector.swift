import Ceremony
import Evidence
import Room
import Synchronization

/// Takes down what people in the room put on record, and keeps it until the engine asks.
final class Interjector: Sendable {
    private struct State {
        var waiting: [Interjection] = []
        /// The gate whose signatures are being asked for.
        var gate: Gate?
    }

    private let desk: Desk
    /// What it means to leave, in a sentence.
    private let leaving: String
    private let logOut: @Sendable () async -> Void
    /// What the transcript amounts to now.
    private let record: @Sendable () async -> Record
    private let overview: @Sendable () async -> Overview?
    private let state = Mutex(State())

    init(
        desk: Desk, leaving: String, logOut: @escaping @Sendable () async -> Void,
        record: @escaping @Sendable () async -> Record,
        overview: @escaping @Sendable () async -> Overview?
    ) {
        self.desk = desk
        self.leaving = leaving
        self.logOut = logOut
        self.record = record
        self.overview = overview
    }

    /// What was taken down since the last time.
    func take() -> [Interjection] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Keeps what the engine could not put on record, before what was said since.
    func takeBack(_ interjections: [Interjection]) {
        state.withLock { $0.waiting = interjections + $0.waiting }
    }

    /// - Parameter gate: The gate at which people are asked from now on; nil when it is over.
    func ask(at gate: Gate?) {
        state.withLock { $0.gate = gate }
    }

    /// Does what a key is for.
    ///
    /// - Throws: `Interjected` when people stand at a gate and what they signed there counts no more; `RoomEnd`.
    func handle(_ key: CommandKey) async throws {
        await logOut()
        switch key {
        case .pause: try await pause()
        case .note: try await note()
        case .exception: try await exception()
        case .exhibit: try await exhibit()
        case .abort: try await abort()
        case .help: try await help()
        }
        if isVoiding { throw Interjected() }
    }

    /// Whether there is anything that the engine has not heard yet.
    var hasSomething: Bool { !waiting.isEmpty }

    /// What the engine has not heard yet.
    var waiting: [Interjection] { state.withLock { $0.waiting } }

    /// Whether the end of the ceremony is among what the engine has not heard yet.
    var isAborting: Bool {
        waiting.contains(where: \.isAbort)
    }

    /// Whether the engine should hear of something before anything else happens: of all but a note.
    var isUrgent: Bool {
        state.withLock { state in
            state.waiting.contains { if case .note = $0 { false } else { true } }
        }
    }

    private var isVoiding: Bool {
        state.withLock { state in
            guard let gate = state.gate else { return false }
            return state.waiting.contains { interjection in
                // The close seals the lines before it: even a note is one more.
                if case .note = interjection { gate == .close } else { true }
            }
        }
    }

    private func add(_ interjection: Interjection, _ said: String) {
        state.withLock { $0.waiting.append(interjection) }
        desk.stage.notice(said)
    }

    private func note() async throws {
        guard let by = try await name("Who wants it on record?"),
            let text = try await text("Note", "What shall stand on record?")
        else { return gaveUp() }
        add(.note(by: by, text: text), "Taken down: a note by \(by).")
    }

    private func exception() async throws {
        guard let by = try await name("Who reports the exception?"),
            let what = try await text("What", "What was not as the script has it?"),
            let why = try await text("Why", "Why?"),
            let remedy = try await text("Remedy", "What was done about it?")
        else { return gaveUp() }
        add(
            .exception(by: by, what: what, why: why, remedy: remedy),
            "Taken down: an exception by \(by). The next quorum signs it.")
    }

    private func exhibit() async throws {
        guard let by = try await name("Who brings the exhibit?"), let file = try await file(),
            let what = try await text("What", "What is it?")
        else { return gaveUp() }
        add(
            .exhibit(by: by, name: file.name, what: what, bytes: file.bytes),
            "Taken down: the exhibit \(file.name), \(Counted.text(file.bytes.count, "byte")), by \(by).")
    }

    /// Has the administrator decide whether a PIN is tried although a wrong one locks the token, and takes that down.
    ///
    /// - Parameter token: The token by label and serial number.
    /// - Returns: Whether it is to be tried; without all three answers it is not.
    func finalTry(of token: String) async throws -> Bool {
        await logOut()
        let administrators = await record().roster.members.filter { $0.role == .administrator }.map(\.name)
        let question = """
            \(PercentEncoding.encode(token)) says: one more wrong PIN locks it. The administrator alone decides whether it is \
            tried all the same, once. Who decides? (Enter alone tries nothing.)
            """
        guard let by = try await answer("Administrator", question, limit: 32),
            administrators.contains(where: { $0.utf8.elementsEqual(by.utf8) }),
            try await line("Type final try: ", "\(by): is it tried? Anything but final try tries nothing.")
                == "final try",
            let why = try await text("Why", "Why is it tried?")
        else {
            desk.stage.notice("It is not tried. Nothing was taken down.")
            return false
        }
        add(
            .exception(
                by: by, what: "\(token) says that one more wrong PIN locks it, and its PIN is tried all the same",
                why: why, remedy: "it is tried once and no more"),
            "Taken down: an exception by \(by). The PIN is tried once.")
        return true
    }

    /// Has the administrator decide whether the ceremony goes on with a machine or program that the plan lacks.
    ///
    /// - Returns: What goes on record; nil without all answers.
    func goOn(with machine: UnplannedMachine) async throws -> Moved? {
        let administrators = await record().roster.members.filter { $0.role == .administrator }.map(\.name)
        let question = """
            \(machine.what). The administrator alone decides whether it goes on here, by an exception. \(machine.meaning). Who \
            decides? (Enter alone goes no further.)
            """
        guard let by = try await answer("Administrator", question, limit: 32),
            administrators.contains(where: { $0.utf8.elementsEqual(by.utf8) }),
            try await line("Type go on here: ", "\(by): does it go on here? Anything but go on here goes no further.")
                == "go on here",
            let why = try await text("Why", "Why does it go on here?")
        else {
            gaveUp()
            return nil
        }
        return Moved(by: by, why: why)
    }

    private func file() async throws -> ExhibitFile? {
        let names = await record().exhibits.map(\.name) + waitingNames
        while let path = try await text("Path", "Where is the file?", limit: 4096) {
            do { return try ExhibitFile(at: path, besides: names) } catch { desk.stage.notice("\(error)") }
        }
        return nil
    }

    private var waitingNames: [String] {
        state.withLock { state in
            state.waiting.compactMap { if case .exhibit(_, let name, _, _) = $0 { name } else { nil } }
        }
    }

    private func abort() async throws {
        guard await record().aborted == nil else {
            return desk.stage.notice("The ceremony was ended already. Its close is what is left.")
        }
        guard let by = try await name("Who ends the ceremony?"), let reason = try await text("Reason", "Why?")
        else { return gaveUp() }
        let word = try await line(
            "Type abort: ",
            """
            Ending it is for good: nothing is generated, wrapped, imported or made current any more, and blobs and \
            tokens are removed. HSM and KMS are left as they are. The close is still signed. Anything but abort \
            goes on with the ceremony.
            """)
        guard word == "abort" else { return gaveUp() }
        add(.abort(by: by, reason: reason), "Taken down: \(by) ends the ceremony.")
    }

    private func help() async throws {
        let keys = CommandKey.allCases.map { key in
            Paragraph(
                key.explanation, lead: key.name + "  " + key.label + String(repeating: " ", count: 11 - key.label.count)
            )
        }
        _ = try await desk.line("Enter: go on ", keys: nested) {
            View(body: [Paragraph("The keys, at every question and while the program works", style: .strong)] + keys)
        }
    }

    /// Waits until somebody says how to go on.
    private func pause() async throws {
        let began = ContinuousClock.now
        let since = SystemClock().now()
        while true {
            let said = try await line(
                "resume, abort or leave: ",
                """
                Paused since \(since). Nothing happens until somebody types resume. abort ends the ceremony. \
                \(leaving)
                """, keys: { _ in })
            switch said {
            case "resume": return await noteDown("paused \((ContinuousClock.now - began).paused)")
            case "abort":
                try await abort()
                if isAborting { return }
            case "leave": throw RoomEnd.left
            default: desk.stage.notice("It is still paused. Type one of the three words.")
            }
        }
    }

    /// Notes a pause in the administrator's name, but at the close: there a note would void what was signed already.
    private func noteDown(_ pause: String) async {
        let members = await record().roster.members
        let isClose = state.withLock { $0.gate == .close }
        guard !isClose, let administrator = members.first(where: { $0.role == .administrator }) else { return }
        add(.note(by: administrator.name, text: pause), "Taken down: \(pause).")
    }

    private func gaveUp() {
        desk.stage.notice("Nothing was taken down.")
    }

    /// Asks for somebody on the roster; nil for Enter alone.
    private func name(_ question: String) async throws -> String? {
        let members = await record().roster.members.map(\.name)
        while let name = try await text("Name", question, limit: 32) {
            if members.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { return name }
            desk.stage.notice("The roster has no \(name). It has \(members.joined(separator: ", ")).")
        }
        return nil
    }

    /// Asks for a text; nil for Enter alone, which gives the whole entry up.
    private func text(_ prompt: String, _ question: String, limit: Int = 500) async throws -> String? {
        try await answer(prompt, "\(question) (Enter alone gives it up.)", limit: limit)
    }

    private func answer(_ prompt: String, _ question: String, limit: Int) async throws -> String? {
        let text = try await line("\(prompt): ", question, limit: limit)
        return text.allSatisfy { $0 == " " } ? nil : text
    }

    private func line(
        _ prompt: String, _ question: String, limit: Int = 500, keys: Desk.KeyHandler? = nil
    ) async throws -> String {
        try await desk.line(prompt, limit: limit, keys: keys ?? nested) { [overview] in
            View(overview: await overview(), body: [Paragraph(question, style: .strong)], hasKeys: false)
        }
    }

    /// In the middle of one entry there is no other; a pause there is.
    private func nested(_ key: CommandKey) async throws {
        switch key {
        case .pause: try await pause()
        default: desk.stage.notice("First finish this, or give it up by Enter alone.")
        }
        if isVoiding { throw Interjected() }
    }
}

/// What people signed at a gate counts no more: the engine must hear first what they put on record.
struct Interjected: SaidToStop {}

extension Duration {
    /// As the record has a pause: whole minutes, or seconds below one.
    fileprivate var paused: String {
        let seconds = components.seconds
        return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min"
    }
}
