extension Record {
    /// Takes in a line that is written after the plan's window: HSM keys that were there before are left as they were.
    mutating func admitUsageReturn(_ event: Event) throws {
        switch event {
        case .usageReturnIntended(let body):
            try demand(
                usageReturn == nil, "an effect was intended before the one before it had a result")
            let progress = try progress(body.slot)
            try demand(
                try planned(body.slot).strategy == .reimport && progress.isTakenUp && progress.settled == nil
                    && progress.usageReturned == nil,
                "a usage that this ceremony did not give, or has taken away already")
            usageReturn = body.slot
        case .usageReturned(let body):
            try demand(usageReturn == body.slot, "the result usage-returned of something not intended")
            try demandLeft(body.attributes, body.slot)
            try update(body.slot) { $0.usageReturned = body }
            usageReturn = nil
        default: throw RecordViolation(reason: "nothing about a usage")
        }
    }
}
