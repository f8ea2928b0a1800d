// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history.h"
#include "ui/models/episodewindow.h"
#include "ui/pages/page.h"
#include "ui/services/asyncrunner.h"

#include <QMap>

#include <map>
#include <vector>

class QGridLayout;
class QScrollArea;

namespace tidemark::ui {

class RecentSamples;
class ServerCard;
class TimelineChart;

/// Every server in one look: a card each, and under them what happened in the last hour on one axis.
class OverviewPage : public Page
{
    Q_OBJECT

public:
    OverviewPage(const PageContext &context, const RecentSamples &samples, QWidget *parent = nullptr);

    void setFilterText(const QString &text) override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] bool isFilled() const override;
    [[nodiscard]] Badge badge(const Snapshots &snapshots, const Moments &moments) const override;

Q_SIGNALS:
    void pageRequested(const QString &pageId, const QString &server);

protected:
    void updateContent(const Snapshots &inScope) override;
    void updateAges(const Moments &moments) override;
    [[nodiscard]] bool showsHistory() const override { return true; }
    [[nodiscard]] bool hasData(const ServerSnapshot &, const DatabaseSnapshot &) const override { return true; }
    [[nodiscard]] bool showsFailures() const override { return true; }
    [[nodiscard]] EmptyText emptyText() const override { return {}; }
    void resizeEvent(QResizeEvent *event) override;

private:
    /// What the local store tells of one server for the timeline and the card.
    struct Happened
    {
        QString server;
        std::vector<std::pair<QString, RefreshEvent>> refreshes; ///< with their database
        std::optional<std::vector<LockEpisode>> episodes;        ///< seen last stand first; nothing: not told
        TimeRange shown;
        std::vector<OverheadSample> overhead;
        QString lastAlert;
        std::optional<Error> error; ///< some of it could not be read
    };
    void arrangeCards();
    void updateCards(const Snapshots &inScope);
    void readTimeline(const Snapshots &inScope);
    void showTimeline();
    /// What the local store failed to tell, or cannot take: said here once for the whole window.

    const RecentSamples &m_samples;
    QScrollArea *m_scroll;
    QWidget *m_cardsHost;
    QGridLayout *m_grid;
    QMap<QString, ServerCard *> m_cards;
    QString m_filter;
    int m_columns = 0;
    TimelineChart *m_timeline;
    std::vector<Happened> m_happened;
    std::map<QString, EpisodeWindow> m_windows; ///< by server
    LatestOnly m_reading;
    Instant m_readAt;
    QStringList m_readServers;
};

} // namespace tidemark::ui
