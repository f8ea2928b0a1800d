// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/stagepreview.h"
#include "ui/wizards/changedraft.h"

#include <QCoreApplication>

namespace tidemark::ui {

/// A staged migration.
class StageDraft final : public ChangeDraft
{
    Q_DECLARE_TR_FUNCTIONS(StageDraft)

public:
    stage::StageSpec spec;
    std::optional<stage::StagePreview> preview; ///< of exactly this spec

    [[nodiscard]] const Plan *plan() const override;
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
