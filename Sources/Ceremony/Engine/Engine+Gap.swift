import CryptoPrimitives
import Evidence

/// The turns of two hosts that hold a ceremony across an air gap.
extension Engine {
    /// Takes the folder over from the other host, if it was handed to this one.
    ///
    /// - Returns: Where it is to be carried, if it is not for this host to go on; nil when it is, or there is no gap.
    /// - Throws: `EvidenceError` for a folder that went back, forked or changed on the way; `CeremonyError`.
    func takeTurn() async throws -> Outcome? {
        guard let (gap, here) = try place() else { return nil }
        try CarriedFolderRules.check(
            try here.recall(record.plan.ceremony), against: record.transcript, of: Transcript.path,
            other: gap[here.side.other].host)
        if let carried = record.turns.carried {
            guard gap.side(of: carried.to) == here.side else { return try await sendOff(carried, here) }
            try await receive(carried, here)
            return nil
        }
        guard record.turns.holder == here.side else { throw try notOurTurn(gap, here) }
        try await requireReceivedHere(here)
        // Signed by a run that was killed before it put the hand-over on record.
        let number = record.turns.received + 1
        for path in [Handover.path(number), Handover.signaturePath(number)] { try ports.folder.remove(path) }
        try ports.folder.removePartials()
        return nil
    }

    /// The plan's gap and this host's part in it; nil where neither has one.
    private func place() throws -> (AirGap, any GapPort)? {
        switch (record.plan.gap, ports.gap) {
        case (nil, nil): return nil
        case (nil, .some):
            throw CeremonyError(
                .invalidInput, "This site is one host of an air gap, and the plan is for one host that has everything",
                remedy: "Run it at the site that has both HSM and KMS")
        case (let gap?, nil):
            throw CeremonyError(
                .invalidInput,
                "The plan is for two hosts, \(gap.hsm.host) with the HSM and \(gap.connected.host), and this site has no gap",
                remedy: "Run it at the site of one of the two")
        case (let gap?, let here?):
            let planned = gap[here.side].host
            guard planned == ports.environment.host else {
                throw CeremonyError(
                    .environment,
                    "This host is \(ports.environment.host); the plan has \(planned) on the side of the gap that the site names",
                    remedy: "Run it there, or freeze a new plan")
            }
            guard try here.publicKey() == gap[here.side].key else {
                throw CeremonyError(
                    .environment, "The key of this host's site is not the one that the plan has for \(planned)",
                    remedy:
                        "Restore that key. If it is the plan that has another one, this is not the ceremony it was made for"
                )
            }
            try requireApartOnMedium()
            return (gap, here)
        }
    }

    /// Before anything is done: two slots whose names differ in capitals alone have one file on the media that people carry.
    private func requireApartOnMedium() throws {
        guard record.transcript.lines.isEmpty else { return }
        let slots = Dictionary(grouping: record.plan.slots.map(\.slot)) { PlanSlot.fileName(of: $0) }
        guard let twins = slots.values.first(where: { $0.count > 1 }) else { return }
        throw CeremonyError(
            .invalidInput,
            "The slots \(twins.joined(separator: " and ")) differ in capitals alone: on a USB stick (vfat) their files are one",
            remedy: "Freeze a plan for each of them")
    }

    /// A folder that stands in the other host's turn: it came back before it was handed over, or lost its last lines.
    private func notOurTurn(_ gap: AirGap, _ here: any GapPort) throws -> any Error {
        let (number, other) = (record.turns.received + 1, gap[here.side.other].host)
        if let bytes = try ports.folder.readIfPresent(Handover.path(number)),
            let said = try? CanonicalJSON.decode(Handover.self, from: bytes), said.seq > record.transcript.lines.count
        {
            return EvidenceError(
                Transcript.path,
                "it has \(record.transcript.lines.count) lines, and \(Handover.path(number)) hands over \(said.seq): "
                    + "its end was lost on the way, or \(other) was stopped before it wrote it. Run keyrite run on \(other), in the "
                    + "folder there, until it shows the words; then carry that folder here, whole")
        }
        return CeremonyError(
            .state, "It is the turn of \(other), which has not handed the folder over",
            remedy:
                "The folder at \(other) is as far on as this one, or further. Run keyrite run on \(other), in the folder there, "
                + "until it says that it is to be carried here; then carry that one. Do not copy this one over it; only if "
                + "\(other) has none any more, carry this one back there. Until then "
                + "nothing is put on record here, no abort either. If \(other) is lost for good, this ceremony stays unclosed: "
                + "freeze a new plan, and destroy the sealing key with keyrite host destroy-sealing-key after "
                + "\(record.plan.window.until)")
    }

    /// Holds the folder to what the other host signed, has a person compare the head, and takes the turn.
    private func receive(_ carried: AnnouncedHandover, _ here: any GapPort) async throws {
        let path = Handover.path(carried.number)
        let (bytes, signature) = (
            try ports.folder.read(path), try ports.folder.read(Handover.signaturePath(carried.number))
        )
        let handover = try Handover.check(bytes, signature: signature, announced: carried, plan: record.plan)
        let differences = try differences(from: handover)
        guard differences.isEmpty else {
            throw EvidenceError(path, "the folder is not as it was handed over: \(differences.joined(separator: "; "))")
        }
        try record.checkFiles(of: handover, folder: ports.folder)
        let now = ports.clock.now()
        guard carried.at <= now.advanced(bySeconds: Self.settingRight) else {
            throw CeremonyError(
                .environment, "This host's clock says \(now); \(carried.from) handed the folder over at \(carried.at)",
                remedy:
                    "If this host's clock is wrong, set it right, then run again. If it is right, that of \(carried.from) "
                    + "was ahead: run again after \(carried.at)")
        }
        try await confirm(carried.head, of: handover, here)
        // First here, where nobody who had the folder in their hands could write it.
        try remember(number: carried.number, isReceived: true, here)
        try journal(
            .received(
                Received(
                    number: carried.number, handover: SHA256Digest(of: bytes), signature: SHA256Digest(of: signature)))
        )
        try remember(number: carried.number, isReceived: true, here)
    }

    private func confirm(_ head: String, of handover: Handover, _ here: any GapPort) async throws {
        guard try await here.confirm(Handover.words(of: head), of: handover) else {
            throw EvidenceError(
                Handover.path(handover.number),
                "the words that \(handover.from) showed are not those of this folder: it is not the one that was handed over "
                    + "there. Find out which one it is, and who changed it")
        }
    }

    /// A receipt in the folder is only a line, which anybody could add on the way: it counts where this host remembers it.
    /// Otherwise, on a machine in this one's place for instance, a person compares the head now.
    private func requireReceivedHere(_ here: any GapPort) async throws {
        let (number, kept) = (record.turns.received, try here.recall(record.plan.ceremony))
        guard number > 0, kept?.number != number || kept?.isReceived != true else { return }
        guard let line = record.transcript.lines.last(where: { $0.event.kind == .handedOver }) else { return }
        let handover = try CanonicalJSON.decode(Handover.self, from: try ports.folder.read(Handover.path(number)))
        try await confirm(record.transcript.digests[line.seq - 1].hex, of: handover, here)
        try remember(number: number, isReceived: true, here)
    }

    /// What is otherwise in the folder than the other host's list has it, file by file.
    private func differences(from handover: Handover) throws -> [String] {
        let listed = Dictionary(handover.files.map { ($0.path, $0.sha256) }, uniquingKeysWith: { first, _ in first })
        let found = Set(try travelling(handover.number))
        var differences: [String] = []
        for (path, digest) in listed.sorted(by: { $0.key < $1.key }) {
            guard found.contains(path) else {
                differences.append("\(path) is missing")
                continue
            }
            let now = SHA256Digest(of: try ports.folder.read(path))
            if now != digest { differences.append("\(path) has the SHA-256 \(now.hex), handed over was \(digest.hex)") }
        }
        let strangers = found.subtracting(listed.keys).sorted()
        return differences + strangers.map { "\(PercentEncoding.encode($0)) was added" }
    }

    /// The files that a hand-over lists: the transcript it has by its head.
    private func travelling(_ number: Int) throws -> [String] {
        let others = [Transcript.path, Handover.path(number), Handover.signaturePath(number)]
        return try ports.folder.files().filter { !others.contains($0) }
            .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }

    /// Ends this host's turn before a step that is for the other host to take.
    ///
    /// - Returns: Where the folder is to be carried; nil when the step is this host's, or there is nothing left to do in it.
    func handOver(before step: Step) async throws -> Outcome? {
        guard let gap = record.plan.gap, let here = ports.gap, let side = step.side, side != here.side else {
            return nil
        }
        if here.side == .hsm, step == .fetch { try abandonSpentWrap() }
        if here.side == .connected, step == .settle { try await destroySealingKey(gap, here) }
        guard isOutstanding(step) else { return nil }
        // What people said last goes on record before the turn ends.
        try await attend()
        try await ports.hsm.leave()
        return try await handOver(to: gap[side].host, here)
    }

    /// Signs first: a host that cannot sign any more keeps its turn, and can still be aborted on.
    private func handOver(to host: String, _ here: any GapPort) async throws -> Outcome {
        let event = Event.handedOver(HandedOver(number: record.turns.received + 1, to: host))
        let (line, bytes) = try record.transcript.next(event, at: try time(), host: ports.environment.host)
        let announced = AnnouncedHandover(
            number: record.turns.received + 1, from: line.host, to: host, seq: line.seq,
            head: SHA256Digest(of: bytes).hex, at: line.at)
        try await sign(announced, here)
        try journal(event, at: line.at)
        return try await sendOff(announced, here)
    }

    /// Whether a step is this host's to take.
    func isHere(_ step: Step) -> Bool {
        guard let here = ports.gap, let side = step.side else { return true }
        return side == here.side
    }

    /// Whether a step has something left to do, by what the transcript and the clock say.
    private func isOutstanding(_ step: Step) -> Bool {
        let slots = record.plan.slots.filter(\.strategy.importsMaterial)
        func lacks(_ what: KeyPath<SlotProgress, (some Any)?>, _ slots: [PlanSlot]) -> Bool {
            slots.contains { record.slots[$0.slot]?[keyPath: what] == nil }
        }
        switch step {
        case .generate: return lacks(\.generated, slots)
        case .create: return lacks(\.created, slots.filter { $0.strategy == .replace })
        case .fetch: return isFetchWanted
        case .release: return record.plan.gates.contains(.release) && !record.gates.isPassed(.release)
        case .wrap: return record.isWrapWanted
        case .import:
            return lacks(\.imported, slots) || lacks(\.reimportVerified, slots.filter { $0.strategy == .reimport })
        case .prove: return lacks(\.proved, slots.filter { $0.proof == .secondImport })
        case .activate: return record.plan.gates.contains(.activate) && !record.gates.isPassed(.activate)
        case .rotate, .alias: return lacks(\.verified, slots.filter { $0.strategy != .reimport })
        case .revoke: return lacks(\.revocationVerified, record.plan.slots.filter { $0.strategy == .revoke })
        case .settle: return lacks(\.settled, slots)
        case .authorize, .close: return false
        }
    }

    /// Says where to carry what is handed over; it is signed anew where the folder is not as it was signed.
    private func sendOff(_ carried: AnnouncedHandover, _ here: any GapPort) async throws -> Outcome {
        try ports.folder.removePartials()
        if !isSigned(carried) { try await sign(carried, here) }
        try remember(number: carried.number, isReceived: false, here)
        return .handedOver(number: carried.number, to: carried.to, words: Handover.words(of: carried.head))
    }

    private func sign(_ announced: AnnouncedHandover, _ here: any GapPort) async throws {
        let files = try travelling(announced.number).map {
            HandedFile(path: $0, sha256: SHA256Digest(of: try ports.folder.read($0)))
        }
        let handover = Handover(
            mode: record.plan.mode, ceremony: record.plan.ceremony, number: announced.number, from: announced.from,
            to: announced.to, seq: announced.seq, head: announced.head, at: announced.at, files: files)
        do { try record.checkFiles(of: handover, folder: ports.folder) } catch let error as EvidenceError {
            throw CeremonyError(
                .state, "The folder cannot be handed over: \(error)",
                remedy: "Move out of it what is no file of the ceremony, or bring back what is missing; then run again")
        }
        let bytes = try CanonicalJSON.encode(handover)
        let signature = try await here.sign(bytes, namespace: record.plan.mode.handoverNamespace)
        _ = try Handover.check(bytes, signature: signature, announced: announced, plan: record.plan)
        try ports.folder.write(bytes, to: Handover.path(announced.number))
        try ports.folder.write(signature, to: Handover.signaturePath(announced.number))
    }

    /// Whether the hand-over lies in the folder, just as the folder is, with a signature that holds.
    private func isSigned(_ carried: AnnouncedHandover) -> Bool {
        guard let bytes = try? ports.folder.read(Handover.path(carried.number)),
            let signature = try? ports.folder.read(Handover.signaturePath(carried.number)),
            let handover = try? Handover.check(bytes, signature: signature, announced: carried, plan: record.plan)
        else { return false }
        return (try? differences(from: handover).isEmpty) == true
    }

    private func remember(number: Int, isReceived: Bool, _ here: any GapPort) throws {
        try here.remember(
            CarriedFolder(
                ceremony: record.plan.ceremony, number: number, isReceived: isReceived,
                lines: record.transcript.digests))
    }

    /// Once everything is imported and activated, nobody opens a sealed blob any more.
    private func destroySealingKey(_ gap: AirGap, _ here: any GapPort) async throws {
        guard let certificate = gap.sealingDigest, !record.turns.isSealingDestroyed, !isOutstanding(.alias) else {
            return
        }
        // A key that is not here may lie elsewhere: that is no proof that it is gone.
        guard try here.hasSealingKey(certificate) || here.hasDestroyedSealingKey(certificate) else {
            throw CeremonyError(
                .state,
                "The private key of the sealing certificate is not where this site keeps it, and was not destroyed",
                remedy:
                    "Run at the site with which the plan was frozen, with its memory in place. If that was lost with its "
                    + "disk, nobody can tell that the key is gone: end the ceremony (abort), which says so; what was "
                    + "activated stays as it is")
        }
        let body = SealingDestroyed(certificate: certificate)
        try await effect(.sealingDestroyIntended(body)) {
            try here.hasSealingKey(certificate) ? nil : .sealingDestroyed(body)
        } act: {
            try here.destroySealingKey(certificate)
            return .sealingDestroyed(body)
        }
    }
}

/// How blobs lie in the folder: as KMS takes them, or sealed where they are carried across an air gap.
extension Engine {
    func writeBlob(_ blob: [UInt8], _ slot: String, _ purpose: Purpose) throws {
        guard let gap = record.plan.gap else {
            return try ports.folder.write(blob, to: FolderLayout.blob(slot, purpose))
        }
        let sealed = try SealingCertificate(der: Base64.decode(gap.sealing) ?? []).seal(blob)
        try ports.folder.write(sealed, to: FolderLayout.sealedBlob(slot, purpose))
    }

    func readBlob(_ slot: String, _ purpose: Purpose) throws -> [UInt8] {
        guard let gap = record.plan.gap else { return try ports.folder.read(FolderLayout.blob(slot, purpose)) }
        guard let here = ports.gap, let certificate = gap.sealingDigest else {
            throw CeremonyError(.state, "A sealed blob is opened by the connected host alone", remedy: "Run it there")
        }
        return try here.open(
            try ports.folder.read(FolderLayout.sealedBlob(slot, purpose)), certificate: certificate)
    }

    func removeBlob(_ slot: String, _ purpose: Purpose) throws {
        try ports.folder.remove(FolderLayout.blob(slot, purpose))
        try ports.folder.remove(FolderLayout.sealedBlob(slot, purpose))
    }
}
