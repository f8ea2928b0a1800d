// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/verifyaction.h"

#include "core/base/units.h"
#include "core/capture/contentproof.h"
#include "core/stage/reconcileactions.h"

#include <QCryptographicHash>

#include <future>

namespace tidemark::stage {

namespace {

constexpr int mostRounds = 3;

/// One short text, so that a report can state it and another proof be compared with it.
QString fingerprint(const ProofResult &proof)
{
    const QByteArray text = QStringLiteral("%1:%2").arg(proof.sourceRows).arg(proof.sourceSum).toUtf8();
    return QString::fromLatin1(QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex().first(16));
}

QString keysOf(const ProofResult &proof)
{
    QStringList keys;
    for (const ProofMismatch &mismatch : proof.mismatches) {
        if (keys.size() == 10)
            break;
        keys << mismatch.key;
    }
    return keys.join(QLatin1String(", ")) + (proof.mismatched > keys.size() ? QStringLiteral(" …") : QString());
}

StepOutcome outcomeOf(const ProofResult &proof, int rounds)
{
    return {proof.sourceRows,
            {{QStringLiteral("checksum"), fingerprint(proof)},
             {QStringLiteral("pending"), proof.pending},
             {QStringLiteral("rounds"), rounds},
             {QStringLiteral("scan_ms"), qint64(proof.scanned.count() / 1000)}}};
}

/// The step's statements, on a session and a thread of their own while the proof goes on.
class Beside
{
public:
    explicit Beside(StepContext &context)
        : m_done(
            std::async(std::launch::async, [&context, stop = m_stop.get_token()] { return carryOut(context, stop); }))
        , m_stopped(context.stop(), [this] { m_stop.request_stop(); })
    {
    }
    /// A proof that failed does not wait for them.
    ~Beside() { m_stop.request_stop(); }
    [[nodiscard]] Status wait() { return m_done.get(); }

private:
    static Status carryOut(StepContext &context, const std::stop_token &stop)
    {
        TIDEMARK_TRY(pg::Session session, context.openSession());
        for (const QString &statement : context.step().statements) {
            TIDEMARK_TRY([[maybe_unused]] const auto done,
                         session.exec(statement.toUtf8(), {}, StepContext::patientCall(stop)));
        }
        return {};
    }

    std::stop_source m_stop;
    std::future<Status> m_done;
    std::stop_callback<std::function<void()>> m_stopped;
};

} // namespace

Result<StepOutcome> VerifyAction::execute(StepContext &context) const
{
    Beside beside(context);
    TIDEMARK_TRY(const ReconcileSpec spec, reconcileSpecOf(context.step(), QStringLiteral("reconcile")));
    ProofSpec proofSpec;
    proofSpec.capture = spec.capture;
    proofSpec.target = spec.target;
    TIDEMARK_TRY(proofSpec.columns, readRowColumns(context.session(), spec.capture.source, context.call()));
    const ContentProof proof(proofSpec);
    TIDEMARK_TRY(pg::Session helper, context.openSession());
    Reconciler reconciler(context.session(), spec);
    for (int round = 1;; ++round) {
        TIDEMARK_TRY(const ProofResult result, proof.run(context.session(), &helper, context.call()));
        if (result.isEqual()) {
            TIDEMARK_CHECK(beside.wait());
            return outcomeOf(result, round);
        }
        const QString text = QStringLiteral("%1 keys differ: %2").arg(units::count(result.mismatched), keysOf(result));
        context.tell(QStringLiteral("error"), text);
        if (round == mostRounds) {
            return fail(Error::input(
                QStringLiteral("source and target differ after %1 rounds of repair: %2").arg(round).arg(text),
                QStringLiteral("Somebody else writes to %1, or to %2 past its triggers.")
                    .arg(spec.target.display(), spec.capture.source.display())));
        }
        TIDEMARK_CHECK(proof.repair(context.session(), result, context.call()));
        TIDEMARK_CHECK(catchUp(context, reconciler, context.control().settings().stallBudget / 2));
    }
}

Status VerifyAction::undo(StepContext &) const
{
    return {};
}

} // namespace tidemark::stage
