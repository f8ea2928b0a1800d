// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart.h"
#include "ui/models/dependencygraph.h"

#include <QScrollArea>

namespace tidemark::ui {

/// Draws a DependencyGraph in layers from top to bottom: sources above, what is asked about in the middle, its readers
/// below. Each box says how fresh it is. The arrow keys go from box to box, Enter goes to the one that has the focus.
class DependencyCanvas : public QWidget
{
    Q_OBJECT

public:
    explicit DependencyCanvas(QWidget *parent = nullptr);
    void setGraph(DependencyGraph graph, Instant now);
    [[nodiscard]] const DependencyGraph &graph() const { return m_graph; }
    [[nodiscard]] int current() const { return m_current; }
    [[nodiscard]] QRect placeOf(int node) const;
    void paintAll(QPainter &painter) const;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void currentChanged(const QRect &place);
    void nodeActivated(int node);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool event(QEvent *event) override;

private:
    void layOut();
    void setCurrent(int node);
    void paintEdge(QPainter &painter, const GraphEdge &edge) const;
    void paintNode(QPainter &painter, int node) const;
    [[nodiscard]] int nodeAt(const QPoint &position) const;
    [[nodiscard]] int neighbour(int layerStep, int orderStep) const;
    [[nodiscard]] QString toolTipOf(int node) const;

    DependencyGraph m_graph;
    Instant m_now;
    std::vector<QRect> m_places;
    QSize m_size;
    int m_current = -1;
};

/// The canvas with room to scroll, and its twin in words.
class DependencyGraphView : public Chart
{
    Q_OBJECT

public:
    explicit DependencyGraphView(QWidget *parent = nullptr);
    void setGraph(DependencyGraph graph, Instant now);
    void setNow(Instant now);
    [[nodiscard]] DependencyCanvas *canvas() const { return m_canvas; }
    [[nodiscard]] ChartTable table() const override;
    void render(QPainter &painter, const QSize &size) override;

Q_SIGNALS:
    /// Enter or a double click on another refreshable than the one in the middle.
    void refreshableActivated(quint32 oid);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QScrollArea *m_scroll;
    DependencyCanvas *m_canvas;
    Instant m_now;
};

} // namespace tidemark::ui
