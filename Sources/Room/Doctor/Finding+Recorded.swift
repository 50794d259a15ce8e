import Ceremony
import Evidence

extension [Finding] {
    /// The findings as evidence has them.
    ///
    /// - Throws: `CeremonyError` of the first that lets no ceremony be held.
    func recorded() throws -> [RecordedFinding] {
        if let failed = first(where: { $0.result == .fail }) {
            throw CeremonyError(
                .environment,
                "\(failed.check): \(failed.detail.hasSuffix(".") ? String(failed.detail.dropLast()) : failed.detail)",
                remedy: (failed.remedy ?? "Mend it") + ". No key was generated")
        }
        return compactMap { finding in
            RecordedFinding.Result(rawValue: finding.result.rawValue).map { result in
                RecordedFinding(
                    check: PercentEncoding.encode(finding.check), result: result,
                    detail: result == .pass ? nil : PercentEncoding.encode(finding.detail))
            }
        }
    }
}
