// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/backendaction.h"
#include "ui/models/episodewindow.h"
#include "ui/models/locktreemodel.h"
#include "ui/pages/page.h"
#include "ui/services/asyncrunner.h"

#include <QPersistentModelIndex>

#include <map>
#include <vector>

class QAction;
class QLabel;
class QSplitter;
class QStackedWidget;

namespace tidemark::ui {

class DataTree;
class DetailPanel;
class LockEpisodeModel;
class TimeChart;
struct EpisodeRow;

/// Who waits for whom, now or at the moment that is replayed; below it how many waited over the last hour. While nobody
/// waits, the earlier waits stand in the tree's place.
class LocksPage : public Page
{
    Q_OBJECT

public:
    explicit LocksPage(const PageContext &context, QWidget *parent = nullptr);

    void setFilterText(const QString &text) override;
    [[nodiscard]] QWidget *detailWidget() override;
    [[nodiscard]] QWidget *mainWidget() override;
    bool showObject(const ObjectRef &object) override;
    [[nodiscard]] Badge badge(const Snapshots &snapshots, const Moments &moments) const override;
    [[nodiscard]] QString saveLayout() const override;
    void restoreLayout(const QString &layout) override;

protected:
    void updateContent(const Snapshots &inScope) override;
    void updateAges(const Moments &moments) override;
    [[nodiscard]] bool showsHistory() const override { return true; }
    [[nodiscard]] bool hasData(const ServerSnapshot &server, const DatabaseSnapshot &) const override
    {
        return server.locks != nullptr;
    }
    [[nodiscard]] EmptyText emptyText() const override { return {}; }
    [[nodiscard]] QStringList collectors() const override { return {QStringLiteral("locks")}; }

private:
    /// What the local store tells of the last hour and day.
    struct Past
    {
        QStringList servers;                                  ///< in scope
        std::map<QString, std::vector<LockEpisode>> episodes; ///< by server, as its window asked for
        std::map<QString, TimeRange> shown;
        std::optional<Error> error;          ///< the newest; servers without an entry in `episodes` keep theirs
        qint64 counted = 0;                  ///< waits of the last day where a window is cut, else 0
        std::vector<OverheadSample> samples; ///< summed over the servers in scope, on this workstation's clock
    };
    void buildNobody();
    void showSelection();
    void showParty(const QModelIndex &index);
    void showEpisode(const QModelIndex &index);
    void replayEpisode();
    void readPast(const Snapshots &inScope);
    void takePast(Past past);
    void showPast();
    void showChart();
    void act(BackendAction::Kind kind);
    void perform(BackendAction::Kind kind, const LockRow &row, const ServerAccess &access, const QString &typed);

    LockTreeModel *m_model;
    LockEpisodeModel *m_episodes;
    MessageBar *m_report;
    QSplitter *m_splitter;
    QStackedWidget *m_top;
    DataTree *m_tree;
    QWidget *m_nobody;
    QLabel *m_nobodyText;
    DataTable *m_earlier;
    TimeChart *m_chart;
    DetailPanel *m_detail;
    QAction *m_cancel;
    QAction *m_terminate;
    QAction *m_replay;
    std::map<QString, EpisodeWindow> m_windows; ///< by server
    qint64 m_counted = 0;
    std::vector<OverheadSample> m_past;
    LatestOnly m_reading;
    LatestOnly m_acting;
    Instant m_readAt;
    Scope m_readScope;
};

} // namespace tidemark::ui
