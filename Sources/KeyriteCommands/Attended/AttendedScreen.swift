import Ceremony
import Evidence
import Room
import Synchronization

/// The screen of an attended run: shows how far it is, and lets people have their say between two effects.
final class AttendedScreen: ProgressPort, AttendancePort {
    /// Ends a fetch that runs ahead while people sign, because the engine is wanted for something else.
    struct CutShort: Error {}

    private struct State {
        var engine: Engine?
        var interjector: Interjector?
        var step: Step?
        /// Whether the step had anything to do.
        var isBusy = false
        var pace: WorkPace?
        var shown: ContinuousClock.Instant?
        /// Who signed at the open gate and is not in the transcript yet.
        var signed: [String] = []
        /// Whether people are asked at a gate.
        var isAsked = false
        var isCut = false
        /// How the session ends, once what people said is on record.
        var end: RoomEnd?
        /// Whether the engine has an effect, and nobody is asked anything.
        var isWorking = false
    }

    /// The time that the steps took.
    let times = RunProgress()
    let desk: Desk
    /// What it means to leave before the end, in a sentence.
    let leaving: String
    private let state = Mutex(State())
    private var stage: Stage { desk.stage }
    private var terminal: any TerminalPort { desk.stage.terminal }

    /// - Parameter leaving: What it means to leave before the end, in a sentence.
    init(_ terminal: any TerminalPort, leaving: String) {
        self.leaving = leaving
        desk = Desk(Stage(terminal))
        terminal.onInterrupt { [weak self] in self?.interrupted() }
    }

    /// - Parameters:
    ///   - engine: The engine that this screen attends to.
    ///   - pace: How fast it works, of which nothing is known yet.
    ///   - logOut: Logs out of the HSM, so that nobody stays logged in while people talk.
    /// - Returns: What takes down what people say.
    func follow(_ engine: Engine, pace: WorkPace, logOut: @escaping @Sendable () async -> Void) -> Interjector {
        let interjector = Interjector(desk: desk, leaving: leaving, logOut: logOut) {
            await engine.record
        } overview: { [weak self] in
            await self?.overview()
        }
        state.withLock { state in
            state.engine = engine
            state.interjector = interjector
            state.pace = pace
        }
        return interjector
    }

    /// Where the ceremony stands now, for people who are asked something: nobody knows how long they take.
    func overview() async -> Overview? {
        guard let engine = state.withLock({ $0.engine }) else { return nil }
        return overview(of: await engine.record, expected: "", left: await engine.leftUndone).asking
    }

    /// Lends the desk for a question in the middle of an effect, whose time is then people's. Ctrl-C is for who is asked.
    ///
    /// - Throws: What `body` throws; `RoomEnd` once the session is to end: nobody is asked any more.
    func asking<R>(_ body: (Interjector) async throws -> R) async throws -> R {
        let interjector = try state.withLock { state in
            if let end = state.end { throw end }
            state.isWorking = false
            state.pace?.stop()
            return state.interjector
        }
        guard let interjector else {
            throw CeremonyError(.state, "Nobody attends to this ceremony yet", remedy: "Start the run again")
        }
        let answer = try await body(interjector)
        state.withLock { state in
            state.isWorking = true
            state.shown = nil
        }
        return answer
    }

    /// People are asked at a gate from now on.
    ///
    /// - Parameter signed: Who has signed there already, and is not in the transcript yet.
    func asks(signed: [String]) {
        state.withLock { state in
            state.signed = signed
            state.isAsked = true
            state.isWorking = false
            state.isCut = false
            state.pace?.stop()
        }
    }

    /// Whether people are asked at a gate.
    var isAsked: Bool { state.withLock(\.isAsked) }

    /// Nobody is asked any more.
    func asked() {
        state.withLock { state in
            state.isAsked = false
            state.isWorking = false
            state.pace?.stop()
        }
    }

    /// Has a fetch that runs ahead end before its next effect.
    func cutFetch() {
        state.withLock { $0.isCut = true }
    }

    /// The engine takes over, with what was signed in its folder.
    func goesOn() {
        state.withLock { $0.isCut = false }
    }

    func began(_ step: Step) {
        times.began(step)
        state.withLock { state in
            state.step = step
            state.isBusy = false
            state.shown = nil
        }
    }

    func ended(_ step: Step) {
        times.ended(step)
        let isBusy = state.withLock { $0.isBusy }
        guard terminal.isPlain, isBusy, step.gate == nil else { return }
        stage.notice("\(step.rawValue): done in \((times.spent[step] ?? .zero).seconds)")
    }

    func refused(_ path: String, _ refusal: ApprovalRefusal) {
        stage.notice("\(path) does not count: \(refusal)")
    }

    /// Ends the session as soon as the engine has heard what was taken down.
    func end(by end: RoomEnd) {
        state.withLock { $0.end = $0.end ?? end }
    }

    func interjections() async throws -> [Interjection] {
        let (isCut, isAsked, interjector) = state.withLock { state in
            if !state.isAsked { state.isWorking = false }
            return (state.isCut, state.isAsked, state.interjector)
        }
        if isCut { throw CutShort() }
        guard !isAsked, let interjector else { return [] }
        do { try await attend(interjector) } catch let end as RoomEnd { self.end(by: end) }
        let said = interjector.take()
        if said.isEmpty, let end = state.withLock({ $0.end }) { throw end }
        state.withLock { $0.isWorking = true }
        return said
    }

    func takeBack(_ interjections: [Interjection]) {
        state.withLock { $0.interjector }?.takeBack(interjections)
    }

    private func attend(_ interjector: Interjector) async throws {
        guard state.withLock({ $0.end == nil }) else { return }
        await showProgress()
        while let event = terminal.pending() {
            state.withLock { $0.shown = nil }
            switch event {
            case .resized: stage.repaint()
            case .interrupted: try await interjector.handle(.pause)
            case .ended(let signal): throw RoomEnd.signal(signal)
            case .byte(let byte):
                if let key = CommandKey(rawValue: byte) { try await interjector.handle(key) }
            }
            state.withLock { $0.pace?.stop() }
        }
        // At once when something else was shown, or nothing yet.
        if !terminal.isPlain { await showProgress() }
    }

    private func interrupted() {
        guard state.withLock({ $0.isWorking }) else { return }
        stage.notice("Ctrl-C: it pauses as soon as the present effect is done.")
    }

    /// Ten times a second at most, and every five seconds where each time is a line more.
    private func showProgress() async {
        guard let engine = state.withLock({ $0.engine }) else { return }
        let record = await engine.record
        let isDue = state.withLock { state in
            state.isBusy = true
            if let step = state.step { state.pace?.look(at: step) { StepProgress(of: $0, in: record) } }
            let pause = terminal.isPlain ? Duration.seconds(5) : .milliseconds(100)
            guard state.shown.map({ .now - $0 >= pause }) ?? true else { return false }
            state.shown = .now
            return true
        }
        guard isDue else { return }
        let overview = overview(of: record, expected: expected(record))
        guard terminal.isPlain else { return stage.show(View(overview: overview, body: [])) }
        guard let line = overview.lines.first(where: { $0.status == .now }), line.step.gate == nil else { return }
        stage.notice("\(line.step.rawValue): \(line.detail). \(overview.timing)")
    }

    private func expected(_ record: Record) -> String {
        let (step, pace) = state.withLock { ($0.step, $0.pace) }
        guard let step, let pace, record.aborted == nil else { return "" }
        return pace.expected(in: step, of: Step.allCases.filter { $0.isPart(of: record.plan) }) {
            StepProgress(of: $0, in: record)
        }
    }

    private func overview(of record: Record, expected: String, left: [String] = []) -> Overview {
        let (step, signed) = state.withLock { ($0.step, $0.signed) }
        return Overview(
            of: record, running: step, signed: signed, left: left, now: SystemClock().now(), expected: expected)
    }
}
