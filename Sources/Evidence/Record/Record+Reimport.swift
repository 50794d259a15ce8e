extension Record {
    /// KMS refuses, for the id of material that it has had, whatever is not that: so what it took is what was planned.
    func check(_ body: Imported, of reimported: ReimportedMaterial) throws {
        try demand(body.material == reimported.material, "KMS took it for other material than the plan has")
    }

    mutating func admit(_ body: ReimportVerified) throws {
        guard let planned = try planned(body.slot).reimported else {
            throw RecordViolation(reason: "a look at material that the plan does not import again")
        }
        let progress = try progress(body.slot)
        try demand(
            progress.imported != nil && progress.reimportVerified == nil, "verified before it was imported, or twice")
        try demand(
            body.material == planned.material && body.state == planned.state && body.expiry == planned.expiry
                && planned.allows(body.keyState), "the material did not come out as it was signed")
        try update(body.slot) { $0.reimportVerified = body }
    }
}
