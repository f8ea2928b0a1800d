// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/runmodel.h"
#include "ui/pages/page.h"
#include "ui/services/rundrivers.h"

class QSplitter;

namespace tidemark::ui {

class DataTable;
class DetailPanel;
class RunPanel;
struct LiveRun;

/// The runs of every connected database, whoever drives them; the selected one live below, its steps and what can be done
/// about it. Nothing is kept here: closing the window loses nothing, and any Tidemark shows the same.
class RunsPage : public Page
{
    Q_OBJECT

public:
    explicit RunsPage(const PageContext &context, QWidget *parent = nullptr);

    void setFilterText(const QString &text) override;
    [[nodiscard]] QWidget *detailWidget() override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] Badge badge(const Snapshots &snapshots, const Moments &moments) const override;
    [[nodiscard]] QString saveLayout() const override;
    void restoreLayout(const QString &layout) override;

    /// Selects it as soon as it is listed.
    void showRun(const tidemark::ui::RunPlace &place);
    [[nodiscard]] RunPanel *panel() const { return m_panel; }

protected:
    void updateContent(const Snapshots &inScope) override;
    void updateAges(const Moments &moments) override;
    [[nodiscard]] bool hasData(const ServerSnapshot &server, const DatabaseSnapshot &database) const override;
    [[nodiscard]] bool isEmpty() const override;
    [[nodiscard]] EmptyText emptyText() const override;
    [[nodiscard]] QStringList collectors() const override { return {QStringLiteral("runs")}; }

private:
    [[nodiscard]] QWidget *makeBar();
    void showSelection();
    void showDetail();
    void showStep(const LiveRun &run, int ordinal);

    RunModel *m_model;
    DataTable *m_table;
    RunPanel *m_panel;
    QSplitter *m_split;
    DetailPanel *m_detail;
    std::optional<RunPlace> m_wanted;
};

} // namespace tidemark::ui
