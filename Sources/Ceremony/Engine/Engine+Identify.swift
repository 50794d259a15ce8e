import CryptoPrimitives
import Evidence

/// What tells one HSM key from every other, by its kind.
extension Engine {
    /// How the plan has keys of a slot's kind made and wrapped.
    func profile(of slot: PlanSlot) throws -> KeyProfile {
        guard let profile = record.plan.profile(of: slot) else {
            throw CeremonyError(
                .invalidInput, "The plan does not say how \(slot.keySpec.rawValue) keys are made",
                remedy: "Freeze a new plan")
        }
        return profile
    }

    /// What the HSM's key of a slot must be.
    func attributes(of slot: PlanSlot) throws -> [AttributeSetting] {
        KeyAttributes.held(try profile(of: slot).attributes, trustedWrapping: slot.trustedWrapping)
    }

    /// What the HSM or KMS is to make a commitment of.
    func commitmentBlock(of slot: PlanSlot) throws -> [UInt8] {
        guard let nonce = Hex.decode(record.plan.nonce) else {
            throw CeremonyError(.invalidInput, "The plan's nonce is not hex", remedy: "Freeze a new plan")
        }
        return Commitment.block(nonce: nonce, slot: slot.slot)
    }

    /// Holds a key in the token to its profile, and has the token itself say which key it is.
    func identify(_ key: HSMKey, _ slot: PlanSlot) async throws -> Event {
        try Self.require(key, try attributes(of: slot), of: slot)
        let generated =
            switch slot.keySpec.family {
            case .aes: try await identifyAES(key, slot)
            case .hmac: try await identifyHMAC(key, slot)
            case .rsa, .ec: try identifyPair(key, slot)
            }
        return .generated(generated)
    }

    private static let zeroBlock = [UInt8](repeating: 0, count: 16)

    private func identifyAES(_ key: HSMKey, _ slot: PlanSlot) async throws -> Generated {
        let blocks = try commitmentBlock(of: slot) + Self.zeroBlock
        let first = try await ports.hsm.encrypt(blocks: blocks, label: slot.label, id: slot.id)
        guard first.count == 32 else {
            throw CeremonyError(
                .state, "The token encrypted two blocks into \(first.count) bytes", remedy: "Have the token examined")
        }
        let ecb = Array(first[16...])
        try requireNoOthers(ecb, slot)
        let cmac = try await ports.hsm.encrypt(
            blocks: ZeroBlockCMAC.block(afterZero: ecb), label: slot.label, id: slot.id)
        return Generated(
            slot: slot.slot, attributes: key.attributes, commitment: Commitment.text(ofCode: first),
            checkValues: CheckValues(cmac: Hex.encode(cmac.prefix(3)), ecb: Hex.encode(ecb.prefix(3))))
    }

    private func identifyHMAC(_ key: HSMKey, _ slot: PlanSlot) async throws -> Generated {
        func code(of message: [UInt8]) async throws -> [UInt8] {
            try await ports.hsm.authenticate(message, label: slot.label, id: slot.id, of: slot.keySpec)
        }
        try requireNoOthers(try await code(of: Self.zeroBlock), slot)
        return Generated(
            slot: slot.slot, attributes: key.attributes,
            commitment: Commitment.text(ofCode: try await code(of: try commitmentBlock(of: slot))))
    }

    private func identifyPair(_ key: HSMKey, _ slot: PlanSlot) throws -> Generated {
        guard let publicKey = key.publicKey else {
            throw CeremonyError(
                .state, "The token shows no public key for \(slot.slot)", remedy: "Have the token examined")
        }
        try requireNoOthers(publicKey, slot)
        return Generated(
            slot: slot.slot, attributes: key.attributes, commitment: Commitment.text(ofPublicKey: publicKey),
            publicKey: Base64.encode(publicKey))
    }

    /// Two keys that make the same of one block, or have one public key, are one key.
    private func requireNoOthers(_ mark: [UInt8], _ slot: PlanSlot) throws {
        if let other = slotsByMark[mark], other != slot.slot {
            throw CeremonyError(
                .state, "The HSM keys for \(other) and \(slot.slot) are one key",
                remedy: "Neither may be released. Have the token examined")
        }
        slotsByMark[mark] = slot.slot
    }
}
