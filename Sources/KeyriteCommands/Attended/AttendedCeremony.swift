import Ceremony
import Evidence
import Room

/// Holds a ceremony at a screen: runs, has people sign, and runs again.
struct AttendedCeremony {
    private let folder: DiskFolder
    private let screen: AttendedScreen
    private let engine: Engine
    private let interjector: Interjector
    private let dialogue: GateDialogue

    /// Opens a ceremony whose lock the caller holds.
    ///
    /// - Parameters:
    ///   - people: Where the participants' tokens are; nil where they are at the site's own.
    ///   - words: Those that the other host of an air gap showed; nil to ask for them.
    ///   - lend: Lends ssh-keygen the terminal, for a host's key with a passphrase.
    init(
        site: Site, people: Site? = nil, folder: DiskFolder, screen: AttendedScreen, words: String? = nil,
        lend: @escaping SSHKeySigner.Lending = { try await $0() }
    ) throws {
        self.folder = folder
        self.screen = screen
        let finalTries = FinalTries()
        let login = AttendedLogin(screen: screen, finalTries: finalTries)
        let ports = try site.ports(
            folder: folder, progress: screen, attendance: screen, pin: login.entry, lend: lend,
            confirming: { shown, handover in
                if words != nil { return try await HandoverWords.confirm(shown, of: handover, given: words) }
                return try await Self.confirm(HeadWords(shown), of: handover, at: screen)
            }, mfaCode: { try await MFADialogue.code(for: $0, at: screen) })
        engine = try Engine(opening: ports)
        interjector = screen.follow(engine, pace: WorkPace(fetchesPerSecond: site.quotas.importParameters)) {
            try? await ports.hsm.leave()
        }
        dialogue = GateDialogue(
            site: people ?? site, folder: folder, screen: screen, interjector: interjector, finalTries: finalTries)
    }

    /// Has people compare the head of a folder that was carried here.
    private static func confirm(
        _ words: HeadWords, of handover: Handover, at screen: AttendedScreen
    ) async throws -> Bool {
        try await screen.asking { _ in
            try await HandoverDialogue(handover: handover, words: words, desk: screen.desk) { key in
                if key == .pause { return try await pause(at: screen) }
                screen.desk.stage.notice("Nothing can be put on record before the folder is received.")
            }.confirm()
        }
    }

    /// A pause before the folder is received, when nothing can be put on record.
    ///
    /// - Throws: `RoomEnd` when people leave.
    private static func pause(at screen: AttendedScreen) async throws {
        while true {
            let said = try await screen.desk.line("resume or leave: ", limit: 32, keys: { _ in }) {
                View(
                    body: [
                        Paragraph("Paused", style: .strong), .blank,
                        Paragraph("The folder is not received yet. Type resume to go on; \(screen.leaving)"),
                    ], hasKeys: false)
            }
            switch said {
            case "resume": return
            case "leave": throw RoomEnd.left
            default: screen.desk.stage.notice("It is still paused.")
            }
        }
    }

    /// What the transcript amounts to.
    var record: Record {
        get async { await engine.record }
    }

    /// What could not be seen or done before the close of a ceremony that was ended early, for people.
    var leftUndone: [String] {
        get async { await engine.leftUndone }
    }

    /// Goes on until it is closed, or has taken a step.
    ///
    /// - Parameter moved: What the administrator says of another machine or program than planned; nil to ask, if need be.
    /// - Throws: `RoomEnd` when people leave or the program is told to end; whatever stops the engine.
    func hold(until: Step? = nil, moved: Moved? = nil) async throws -> Outcome {
        var moved = moved
        while true {
            let outcome: Outcome
            screen.goesOn()
            do { outcome = try await engine.run(until: until, moved: moved) } catch is Interjected {
                // Before the HSM was logged in to: what people said goes on record first.
                continue
            } catch let machine as UnplannedMachine {
                screen.asked()
                moved = try await interjector.goOn(with: machine)
                guard moved != nil else { throw machine }
                continue
            } catch let end as RoomEnd { try await leave(end) } catch  where error.isForPeople {
                try await ask(about: error)
                continue
            } catch  where interjector.hasSomething && !(error is CancellationError) {
                throw NotOnRecord(interjector.waiting, error)
            }
            guard case .waiting(let gate, _, let missing) = outcome else { return outcome }
            screen.times.paused()
            try await gather(at: gate, missing: missing)
        }
    }

    /// Something went wrong that people may be able to mend: the ceremony waits for them where it stands.
    ///
    /// - Throws: The error itself, when they leave.
    private func ask(about error: any Error) async throws {
        screen.asked()
        while true {
            let said = try await screen.desk.line(
                "again, abort or leave: ", keys: { try await interjector.handle($0) }
            ) {
                View(
                    overview: await screen.overview(),
                    body: [
                        Paragraph("It stopped: \(Program.words(for: error))", style: .strong), .blank,
                        Paragraph(
                            """
                            Type again to go on from here once that is mended: it looks first at what did happen. abort ends \
                            the ceremony; leave stops the program.
                            """),
                    ]
                        + (interjector.hasSomething
                            ? [
                                .blank,
                                Paragraph("What was taken down since is not on record yet. again puts it there."),
                            ]
                            : []))
            }
            switch said {
            case "again": return
            case "abort":
                try await interjector.handle(.abort)
                if interjector.isAborting { return }
            case "leave":
                try await putOnRecord()
                throw error
            default: screen.desk.stage.notice("Type one of the three words.")
            }
        }
    }

    /// People sign, and meanwhile the engine fetches what it can.
    private func gather(at gate: Gate, missing: [GateRequirement]) async throws {
        screen.asks(signed: [])
        let fetching = Task { try await engine.fetchWhilePeopleSign() }
        do {
            try await dialogue.gather(at: gate, missing: missing, record: await engine.record)
        } catch is Interjected {
            return await end(fetching)
        } catch let leaving as RoomEnd {
            await end(fetching)
            try await leave(leaving)
        } catch {
            await end(fetching)
            throw error
        }
        screen.asked()
        try await finish(fetching)
    }

    /// What people said goes on record before they go.
    private func leave(_ end: RoomEnd) async throws -> Never {
        screen.end(by: end)
        screen.goesOn()
        try await putOnRecord()
        throw end
    }

    /// - Throws: `CeremonyError` naming what was taken down and is not on record: who goes must not believe that it is.
    private func putOnRecord() async throws {
        guard interjector.hasSomething else { return }
        var trouble = "this host's run did not get as far as that"
        do { try await engine.hear() } catch { trouble = "\(error)" }
        let lost = interjector.waiting
        guard lost.isEmpty else {
            let said = NotOnRecord(lost)
            throw CeremonyError(.state, "\(said.what). It could not be written: \(trouble)", remedy: said.remedy)
        }
        // Blobs and tokens go at once, where they can.
        if await engine.record.aborted != nil { _ = try await engine.run() }
    }

    /// Nothing is fetched any more: the engine is wanted.
    private func end(_ fetching: Task<Void, any Error>) async {
        screen.cutFetch()
        _ = await fetching.result
        screen.asked()
    }

    /// What is still to be fetched is waited for, in sight of the people.
    private func finish(_ fetching: Task<Void, any Error>) async throws {
        screen.began(.fetch)
        defer { screen.ended(.fetch) }
        do { try await fetching.value } catch let end as RoomEnd { throw end } catch {
            guard await engine.record.aborted == nil else { return }
            screen.desk.stage.notice(
                "Fetching wrapping keys ahead did not work, and will be tried again: \(error)")
        }
    }
}

/// What people said, and what ended the run before it was written: who goes must not believe that it is on record.
struct NotOnRecord: Error {
    let said: [Interjection]
    /// What ended the run.
    let error: any Error

    init(_ said: [Interjection], _ error: any Error = CancellationError()) {
        self.said = said
        self.error = error
    }

    var what: String { "NOT on record: \(said.map(\.words).joined(separator: "; "))" }

    var remedy: String {
        "The next run knows nothing of it. Say it again there, before anything else"
            + (said.contains(where: \.isAbort) ? "; until then it goes on as if nobody had ended the ceremony" : "")
    }

    var words: String { "\(what). \(remedy)" }
}

extension Error {
    /// Whether people can mend it and go on; what is wrong with the evidence, or was said to end the run, ends it.
    var isForPeople: Bool {
        switch self {
        case is Interjected, is RoomEnd, is EvidenceError, is StatementNotShown, is CancellationError: false
        default: true
        }
    }
}
