// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backfill/backfillpreview.h"
#include "ui/wizards/changedraft.h"

#include <QCoreApplication>

namespace tidemark::ui {

/// A backfill.
class BackfillDraft final : public ChangeDraft
{
    Q_DECLARE_TR_FUNCTIONS(BackfillDraft)

public:
    pg::QualifiedName from; ///< chosen at Target; no name: the table's own rows
    backfill::BackfillSpec spec;
    std::optional<Plan> planned; ///< of exactly this spec

    [[nodiscard]] const Plan *plan() const override { return planned ? &*planned : nullptr; }
    [[nodiscard]] QList<Figure> figures() const override;
    [[nodiscard]] bool hasResult(const RunLook &look) const override;
    [[nodiscard]] ChangeOutcome outcomeOf(const LiveRun &run) const override;
    [[nodiscard]] QJsonObject specJson() const override { return spec.toJson(); }
    [[nodiscard]] bool takeSpec(const QJsonObject &json) override;
    [[nodiscard]] pg::QualifiedName target() const override { return spec.table; }

private:
    void clearSpec() override;
};

} // namespace tidemark::ui
