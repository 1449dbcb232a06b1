import './widget.css';

export default { render: () => undefined };
